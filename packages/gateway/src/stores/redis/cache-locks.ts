import { hash, randomBytes } from 'node:crypto';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { CacheNames } from './cache-names.ts';
import type { GuardedLink } from './guarded-link.ts';
import type { Script } from './redis-link.ts';

/** Lets go of a lock, unless it is somebody else's by now. */
const UNLOCK_TEXT = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;
const UNLOCK: Script = { text: UNLOCK_TEXT, sha: hash('sha1', UNLOCK_TEXT) };

/** How long until it is looked at again: at first, and at most. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 100;

/** What locks need. */
export interface LockPorts {
  readonly names: CacheNames;
  readonly guard: GuardedLink;
  readonly timers: TimingWheel;
}

/**
 * Which gateway asks the service for what. A lock ends by itself, so one whose holder has died holds up nobody for longer than
 * that. Who waits looks again and again: that costs less than to have a connection of each thread on which it is told.
 */
export class CacheLocks {
  readonly #ports: LockPorts;
  /** Who has a lock that was taken here: no two threads of all gateways have the same. */
  readonly #holder = randomBytes(12).toString('base64url');

  constructor(ports: LockPorts) {
    this.#ports = ports;
  }

  /** Never rejects. When Redis does not say, nobody else can have it either. */
  async take(key: string, forMs: number): Promise<'mine' | 'theirs'> {
    const name = this.#ports.names.lock(key);
    const words = ['SET', name, this.#holder, 'NX', 'PX', `${Math.max(1, Math.ceil(forMs))}`];
    try {
      return (await this.#ports.guard.ask((link) => link.send(name, words))) === null ? 'theirs' : 'mine';
    } catch {
      // The guard has told; without the store everybody asks the service.
      return 'mine';
    }
  }

  release(key: string): void {
    const name = this.#ports.names.lock(key);
    this.#ports.guard
      .ask((link) => link.run(UNLOCK, [name], [this.#holder]))
      // It ends by itself.
      .catch(() => {});
  }

  /** Resolves when nobody has the lock, when Redis does not say, or after `patienceMs`. */
  released(key: string, patienceMs: number): Promise<void> {
    const { names, timers } = this.#ports;
    const name = names.lock(key);
    const endsAtMs = timers.touch() + patienceMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    let pauseMs = FIRST_PAUSE_MS;
    const wait = (): void => {
      const leftMs = endsAtMs - timers.touch();
      if (leftMs <= 0) return resolve();
      timers.set(next, Math.min(pauseMs, leftMs));
      pauseMs = Math.min(1.5 * pauseMs, LONGEST_PAUSE_MS);
    };
    const next = new Deadline(() => {
      this.#isTaken(name)
        .then((isTaken) => (isTaken ? wait() : resolve()))
        .catch(() => resolve());
    });
    wait();
    return promise;
  }

  async #isTaken(name: string): Promise<boolean> {
    return (await this.#ports.guard.ask((link) => link.send(name, ['EXISTS', name]))) === 1;
  }
}
