import type { RedisConfig } from '@turnpike/config';
import type { Clock, Log } from '../../core/ports.ts';
import {
  MOST_SHARED_BYTES,
  type SharedCache,
  type SharedEntry,
  type SharedFind,
} from '../../core/shared-cache.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { CacheLocks } from './cache-locks.ts';
import { cacheNames, type CacheNames } from './cache-names.ts';
import { CachePuts } from './cache-puts.ts';
import { decodeValue, encodeValue } from './cache-value.ts';
import { GuardedLink } from './guarded-link.ts';
import { fieldsOf, isUnknown, purgedIn, STAND_FIELDS, standIn } from './purge-stand.ts';
import { isAnswer, type CommandLink } from './redis-link.ts';

/** What the cache in Redis needs of its thread. */
export interface RedisCachePorts {
  readonly link: CommandLink;
  readonly clock: Clock;
  readonly timers: TimingWheel;
  readonly log: Log;
  /** Whether Redis has yet to hear of purges of this thread: then nothing of it is taken. */
  readonly isBehind: () => boolean;
  readonly count: (result: SharedCacheResult) => void;
}

/**
 * What became of a look or a write. `dropped`: not stored, because it is too large, it was too much at once, or Redis did not
 * take it.
 */
export type SharedCacheResult = SharedFind['kind'] | 'stored' | 'dropped';

/**
 * The cache that gateways share in Redis, as one thread sees it.
 *
 * A look is two commands that go out together: one for the response and one for the number of the last purge. A response that
 * was asked for since then is good; for an older one its slots on the board of purges are read as well, after the
 * response itself, and by the server that is written to. So whatever was purged before a look is not found by it, and no
 * message has to arrive for that.
 */
export class RedisCache implements SharedCache {
  readonly #names: CacheNames;
  readonly #guard: GuardedLink;
  readonly #locks: CacheLocks;
  readonly #puts: CachePuts;
  readonly #isBehind: () => boolean;
  readonly #count: RedisCachePorts['count'];
  /** The highest number that this thread has seen. A lower one is of a Redis that has lost purges. */
  #lastPurge = 0;

  constructor(config: RedisConfig, ports: RedisCachePorts) {
    this.#names = cacheNames(config);
    this.#guard = new GuardedLink({ ...ports, timeoutMs: config.timeoutMs });
    this.#locks = new CacheLocks({ names: this.#names, guard: this.#guard, timers: ports.timers });
    this.#puts = new CachePuts(ports.link);
    this.#isBehind = ports.isBehind;
    this.#count = ports.count;
  }

  async get(key: string): Promise<SharedFind> {
    const find = await this.#guard.ask((link) => this.#look(key, link)).catch(() => UNAVAILABLE);
    this.#count(find.kind);
    return find;
  }

  lock(key: string, forMs: number): Promise<'mine' | 'theirs'> {
    return this.#locks.take(key, forMs);
  }

  awaited(key: string, patienceMs: number): Promise<void> {
    return this.#locks.released(key, patienceMs);
  }

  unlock(key: string): void {
    this.#locks.release(key);
  }

  put(key: string, entry: SharedEntry): void {
    void this.#put(key, entry).then(() => this.unlock(key));
  }

  remove(key: string): void {
    const name = this.#names.entry(key);
    // Nothing can be done about it: it is not there, or Redis is not.
    this.#guard.ask((link) => link.send(name, ['DEL', name])).catch(() => {});
  }

  async #look(key: string, link: CommandLink): Promise<SharedFind> {
    const name = this.#names.entry(key);
    const { board } = this.#names;
    const [value, reply] = await Promise.all([
      link.sendForBytes(name, ['GET', name]).catch(nothingIfStrange),
      link.send(board, ['HMGET', board, ...STAND_FIELDS]),
    ]);
    const stand = standIn(reply);
    if (stand === null || stand.last < this.#lastPurge || this.#isBehind()) return UNAVAILABLE;
    this.#lastPurge = stand.last;
    const asOf = stand.last;
    const stored = Buffer.isBuffer(value) ? decodeValue(key, value) : null;
    if (stored === null || isUnknown(stand, stored.asOf)) return { kind: 'missing', asOf };
    const { head, body, tags } = stored;
    const purged = stored.asOf === asOf ? 'no' : purgedIn(await this.#slots(tags, link), stored.asOf);
    if (purged === 'hard') return { kind: 'missing', asOf };
    return { kind: 'found', head, body, tags, isSoftPurged: purged === 'soft', asOf };
  }

  #slots(tags: readonly string[], link: CommandLink): Promise<unknown> {
    const { board } = this.#names;
    return link.send(board, ['HMGET', board, ...fieldsOf(tags)]);
  }

  async #put(key: string, entry: SharedEntry): Promise<void> {
    const { body, head, keepMs } = entry;
    const isFit = keepMs > 0 && body.length <= MOST_SHARED_BYTES;
    if (!isFit || !this.#puts.hasRoomFor(body.length + head.length)) return this.#count('dropped');
    this.#count(await this.#puts.write(this.#names.entry(key), encodeValue(key, entry), keepMs));
  }
}

const UNAVAILABLE: SharedFind = { kind: 'unavailable' };

/** What lies there is no response at all. */
function nothingIfStrange(error: unknown): null {
  if (isAnswer(error, 'WRONGTYPE')) return null;
  throw error;
}
