import type { Quota } from '../../core/counters.ts';
import type { Bucket } from './bucket.ts';
import type { StateWord } from './state-word.ts';

/**
 * A sliding window, made of two that stand still: what was used in the one before counts as if it had come evenly, so by
 * the share of that window which still is in the sliding one.
 *
 * The word has the number of the window (its low 16 bits), what was used in the one before (16 bits, as a share of twice
 * the limit, rounded up), and what was used in this one (32 bits, whole units, rounded up).
 */
export class SlidingBucket implements Bucket {
  capacity = 0;
  endMs = 0;
  #windowMs = 0;
  #window = 0;
  /** How much of the window is over, from 0 to 1. */
  #elapsed = 0;
  #shareBefore = 0;
  #current = 0;

  read({ halves }: StateWord, quota: Quota, nowMs: number): void {
    this.#begin(quota, nowMs);
    const current = halves[0] ?? 0;
    const before = halves[1] ?? 0;
    const age = (this.#window - (before >>> 16)) & 0xffff;
    const isAhead = age === ONE_AHEAD && (current > 0 || (before & 0xffff) > 0);
    if (isAhead) this.#enterNext();
    if (age === 0 || isAhead) {
      this.#current = current;
      this.#shareBefore = before & 0xffff;
    } else if (age === 1) {
      this.#shareBefore = Math.min(WHOLE_SHARE, Math.ceil((current / (2 * quota.limit)) * WHOLE_SHARE));
    }
  }

  readBusy(_ms: number, quota: Quota, nowMs: number): void {
    // Whatever is used in this window lasts to the end of the next.
    this.#begin(quota, nowMs);
    this.#current = Math.max(0, quota.limit - 1);
  }

  get used(): number {
    return this.#before * (1 - this.#elapsed) + this.#current;
  }

  add(units: number): void {
    this.#current = Math.max(0, Math.min(Math.ceil(this.#current + units), 2 * this.capacity));
  }

  msUntilUsed(units: number): number {
    const room = units - this.#current;
    if (this.used <= units) return 0;
    // Either what came before fades enough in this window, or it takes until what is in this one fades in the next.
    const share = room >= 0 ? 1 - room / this.#before : 2 - units / this.#current;
    return (share - this.#elapsed) * this.#windowMs;
  }

  write({ halves }: StateWord): void {
    halves[0] = this.#current;
    halves[1] = ((this.#window & 0xffff) << 16) | this.#shareBefore;
  }

  get #before(): number {
    return (this.#shareBefore / WHOLE_SHARE) * 2 * this.capacity;
  }

  /** A thread whose clock is ahead of ours has begun the next window already: for this bucket, so have we. */
  #enterNext(): void {
    this.#window++;
    this.#elapsed = 0;
    this.endMs += this.#windowMs;
  }

  #begin({ limit, windowMs }: Quota, nowMs: number): void {
    this.capacity = limit;
    this.#windowMs = windowMs;
    this.#window = Math.floor(nowMs / windowMs);
    this.#elapsed = nowMs / windowMs - this.#window;
    this.endMs = (this.#window + 2) * windowMs;
    this.#shareBefore = 0;
    this.#current = 0;
  }
}

const WHOLE_SHARE = 0xffff;
/** Of the number of a window, whose 16 bits wrap. */
const ONE_AHEAD = 0xffff;
