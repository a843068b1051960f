import type { RedisConfig } from '@turnpike/config';
import type { CachePurge } from '../../core/cache-memory.ts';
import { GatewayError } from '../../core/errors.ts';
import type { FleetPurge } from '../../core/shared-cache.ts';
import { cacheNames, type CacheNames } from './cache-names.ts';
import { GuardedLink, type GuardPorts } from './guarded-link.ts';
import { purgeText } from './purge-message.ts';
import { PURGE_SCRIPT } from './purge-scripts.ts';
import { slotsOf } from './purge-stand.ts';

/** Characters and tags that go into one message. */
const MOST_TEXT = 16_384;
const MOST_TAGS = 64;

/** What a purge of the fleet needs. */
export interface FleetPurgePorts extends Omit<GuardPorts, 'timeoutMs'> {
  /** Of this process. */
  readonly memory: CachePurge;
}

/** Purges in Redis, and thereby everywhere. */
export class RedisFleetPurge implements FleetPurge {
  readonly #names: CacheNames;
  readonly #guard: GuardedLink;
  readonly #memory: CachePurge;

  constructor(config: RedisConfig, { memory, ...ports }: FleetPurgePorts) {
    this.#names = cacheNames(config);
    this.#guard = new GuardedLink({ ...ports, timeoutMs: config.timeoutMs });
    this.#memory = memory;
  }

  async purge(tags: readonly string[], kind: 'hard' | 'soft'): Promise<void> {
    this.#memory.purge(tags, kind);
    try {
      for (const some of portions(tags)) await this.#tell(some, kind);
    } catch (cause) {
      const message = 'purged in this gateway, but maybe not in Redis: it does not answer';
      throw new GatewayError('CACHE_STORE_UNAVAILABLE', message, { cause });
    }
    // What a thread has taken from Redis just before it was purged there.
    this.#memory.purge(tags, kind);
  }

  async #tell(tags: readonly string[], kind: 'hard' | 'soft'): Promise<void> {
    const { board, log, channel } = this.#names;
    const fields = slotsOf(tags).map((slot) => `${kind}${slot}`);
    const args = [channel, purgeText(tags, kind), ...fields];
    await this.#guard.ask((link) => link.run(PURGE_SCRIPT, [board, log], args));
  }
}

/** No message is so large that it matters to those who hear it. */
function portions(tags: readonly string[]): string[][] {
  const all: string[][] = [];
  let length = Infinity;
  for (const tag of tags) {
    const last = all.at(-1);
    length += tag.length;
    if (last !== undefined && last.length < MOST_TAGS && length <= MOST_TEXT) {
      last.push(tag);
    } else {
      all.push([tag]);
      length = tag.length;
    }
  }
  return all;
}
