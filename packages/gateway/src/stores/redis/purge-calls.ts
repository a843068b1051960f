import type { RedisConfig } from '@turnpike/config';
import { ALL_TAG } from '../../core/cache-tags.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import { cacheNames, type CacheNames } from './cache-names.ts';
import { GuardedLink, type GuardPorts } from './guarded-link.ts';
import { purgeText, type PurgeMessage } from './purge-message.ts';
import { PURGE_SCRIPT } from './purge-scripts.ts';
import { slotsOf } from './purge-stand.ts';

type Kind = PurgeMessage['kind'];

/** Characters and tags that go into one message. */
const MOST_TEXT = 16_384;
const MOST_TAGS = 64;

/** How often it is tried again to tell what Redis was not told, and of how many tags before it is everything. */
const TELL_EVERY_MS = 500;
const MOST_OWED = 4096;

/**
 * Tells Redis of purges, for one thread. What it could not tell it owes: that is told as soon as Redis answers again, and until
 * then nothing of what is stored there can be trusted.
 */
export class PurgeCalls {
  readonly #names: CacheNames;
  readonly #guard: GuardedLink;
  readonly #timers: TimingWheel;
  readonly #next = new Deadline(() => void this.#tellOwed());
  #owed: Readonly<Record<Kind, Set<string>>> = { hard: new Set(), soft: new Set() };
  #isTelling = false;

  constructor(config: RedisConfig, ports: Omit<GuardPorts, 'timeoutMs'>) {
    this.#names = cacheNames(config);
    this.#guard = new GuardedLink({ ...ports, timeoutMs: config.timeoutMs });
    this.#timers = ports.timers;
  }

  /** Whether Redis has yet to hear of something. */
  get isBehind(): boolean {
    return this.#isTelling || this.#owed.hard.size + this.#owed.soft.size > 0;
  }

  /** Rejects when Redis has not answered. */
  async tell(tags: readonly string[], kind: Kind): Promise<void> {
    try {
      for (const some of portions(tags)) await this.#call(some, kind);
    } catch (error) {
      this.#owe(tags, kind);
      throw error;
    }
  }

  /** What is owed is forgotten. */
  close(): void {
    this.#timers.remove(this.#next);
  }

  async #call(tags: readonly string[], kind: Kind): Promise<void> {
    const { board, log, channel } = this.#names;
    const fields = slotsOf(tags).map((slot) => `${kind}${slot}`);
    const args = [channel, purgeText(tags, kind), ...fields];
    await this.#guard.ask((link) => link.run(PURGE_SCRIPT, [board, log], args));
  }

  #owe(tags: readonly string[], kind: Kind): void {
    const owed = this.#owed[kind];
    for (const tag of tags) owed.add(tag);
    if (owed.size > MOST_OWED) {
      owed.clear();
      owed.add(ALL_TAG);
    }
    this.#timers.touch();
    this.#timers.set(this.#next, TELL_EVERY_MS);
  }

  async #tellOwed(): Promise<void> {
    if (this.#isTelling) return;
    const { hard, soft } = this.#owed;
    this.#owed = { hard: new Set(), soft: new Set() };
    this.#isTelling = true;
    // What fails is owed again.
    await Promise.allSettled([this.tell([...hard], 'hard'), this.tell([...soft], 'soft')]);
    this.#isTelling = false;
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
