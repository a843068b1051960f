import type { Clock } from '../../core/ports.ts';

/** A value and its end on both clocks: neither one that is set back nor a machine that slept makes it live longer. */
interface Entry<T> {
  readonly value: T;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
  /** On the clock that nobody sets. */
  readonly endsAtMs: number;
}

/** Remembers things by key until a time, and no more than so many: the one that was not asked for longest goes first. */
export class ExpiringMap<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #clock: Clock;
  readonly #maxEntries: number;

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#entries.delete(key);
    if (entry.untilMs <= this.#clock.epoch() || entry.endsAtMs <= this.#clock.now()) return null;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** `untilMs` in milliseconds since 1970; what is over already is not kept. */
  set(key: string, value: T, untilMs: number): void {
    this.#entries.delete(key);
    const leftMs = untilMs - this.#clock.epoch();
    if (leftMs <= 0) return;
    this.#entries.set(key, { value, untilMs, endsAtMs: this.#clock.now() + leftMs });
    if (this.#entries.size <= this.#maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }
}
