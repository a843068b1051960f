import type { Clock } from '../../core/ports.ts';

/** Remembers things by key until a time, and no more than so many: the one that was not asked for longest goes first. */
export class ExpiringMap<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
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
    if (entry.untilMs <= this.#clock.epoch()) return null;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** `untilMs` in milliseconds since 1970; what is over already is not kept. */
  set(key: string, value: T, untilMs: number): void {
    this.#entries.delete(key);
    if (untilMs <= this.#clock.epoch()) return;
    this.#entries.set(key, { value, untilMs });
    if (this.#entries.size <= this.#maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }
}
