import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { Entries } from './entries.ts';
import { ENTRY, FILLING } from './entry-words.ts';
import type { Watches } from './watches.ts';

/** Those who lose their patience at about the same time share a promise. */
const TOGETHER_MS = 20;
const MOST_PATIENCE_MS = 3_600_000;

interface Party {
  readonly dueMs: number;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly deadline: Deadline;
}

/** A fill that somebody here waits for. */
interface Wait {
  readonly version: number;
  readonly parties: Set<Party>;
  youngest: Party | null;
}

/** Waits until fills are settled, however many wait for the same one. */
export class FillWaits {
  readonly #entries: Entries;
  readonly #watches: Watches;
  readonly #wheel: TimingWheel;
  readonly #waits = new Map<number, Wait>();

  constructor(entries: Entries, watches: Watches, wheel: TimingWheel) {
    this.#entries = entries;
    this.#watches = watches;
    this.#wheel = wheel;
  }

  /** Fulfilled when the fill has a head that others may see, or is over; or after `patienceMs`. */
  settled(entry: number, version: number, patienceMs: number): Promise<void> {
    const signal = this.#watches.signalOf(entry);
    if (!this.#isPending(entry, version)) return Promise.resolve();
    let wait = this.#waits.get(entry);
    if (wait === undefined || wait.version !== version) {
      if (wait !== undefined) this.#end(entry, wait);
      wait = { version, parties: new Set(), youngest: null };
      this.#waits.set(entry, wait);
      this.#watches.watch(entry, signal, this);
    }
    return this.#join(wait, Math.min(patienceMs, MOST_PATIENCE_MS)).promise;
  }

  changed(entry: number): void {
    const wait = this.#waits.get(entry);
    if (wait === undefined) return;
    const signal = this.#watches.signalOf(entry);
    if (wait.parties.size > 0 && this.#isPending(entry, wait.version))
      this.#watches.watch(entry, signal, this);
    else this.#end(entry, wait);
  }

  #isPending(entry: number, version: number): boolean {
    if (this.#entries.versionOf(entry) !== version || this.#entries.get(entry, ENTRY.IS_LISTED) === 0)
      return false;
    return this.#entries.get(entry, ENTRY.STATE) === FILLING;
  }

  #join(wait: Wait, patienceMs: number): Party {
    const dueMs = this.#wheel.nowMs + patienceMs;
    const { youngest } = wait;
    if (youngest !== null && Math.abs(youngest.dueMs - dueMs) < TOGETHER_MS) return youngest;
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = new Deadline(() => {
      wait.parties.delete(party);
      if (wait.youngest === party) wait.youngest = null;
      resolve();
    });
    const party: Party = { dueMs, promise, resolve, deadline };
    wait.parties.add(party);
    wait.youngest = party;
    this.#wheel.set(deadline, patienceMs);
    return party;
  }

  #end(entry: number, wait: Wait): void {
    this.#waits.delete(entry);
    for (const party of wait.parties) {
      this.#wheel.remove(party.deadline);
      party.resolve();
    }
  }
}
