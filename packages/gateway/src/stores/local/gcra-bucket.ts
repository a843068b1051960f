import type { Quota } from '../../core/counters.ts';
import type { Bucket } from './bucket.ts';
import type { StateWord } from './state-word.ts';

/**
 * The generic cell rate algorithm (ITU-T I.371, annex A), which is a token bucket in one number: the theoretical arrival
 * time, at which nothing is used any more. Each unit puts it off by the interval between two of them.
 */
export class GcraBucket implements Bucket {
  capacity = 0;
  endMs = 0;
  #nowMs = 0;
  #intervalMs = 0;
  #latestMs = 0;

  read({ float }: StateWord, quota: Quota, nowMs: number): void {
    this.#begin(quota, nowMs);
    this.#endAt(float[0] ?? 0);
  }

  readBusy(ms: number, quota: Quota, nowMs: number): void {
    this.#begin(quota, nowMs);
    this.#endAt(nowMs + Math.min(ms, this.#intervalMs * (this.capacity - 1)));
  }

  get used(): number {
    return (this.endMs - this.#nowMs) / this.#intervalMs;
  }

  add(units: number): void {
    this.#endAt(this.endMs + units * this.#intervalMs);
  }

  msUntilUsed(units: number): number {
    return Math.max(0, this.endMs - this.#nowMs - units * this.#intervalMs);
  }

  write({ float }: StateWord): void {
    float[0] = this.endMs;
  }

  #begin({ limit, burst, windowMs }: Quota, nowMs: number): void {
    this.capacity = burst;
    this.#nowMs = nowMs;
    this.#intervalMs = windowMs / limit;
    this.#latestMs = nowMs + this.#intervalMs * burst + windowMs;
  }

  #endAt(ms: number): void {
    this.endMs = ms > this.#nowMs ? Math.min(ms, this.#latestMs) : this.#nowMs;
  }
}
