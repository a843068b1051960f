import type { Quota } from '../../core/counters.ts';
import { ALGORITHM_NUMBERS } from './bucket-script.ts';
import type { Bucket } from './buckets.ts';

/** What a call asks of one bucket besides the charges of requests, and what came of it. */
export class Ask {
  readonly bucket: Bucket;
  readonly quota: Quota;
  /** As Lua counts. */
  readonly number: number;
  /** Units that come back unused. */
  returned = 0;
  /** Units that were used beyond what was taken; negative: fewer. */
  booked = 0;
  /** Units wanted for a lease. */
  wanted = 0;

  /** Units that were given for a lease. */
  leased = 0;
  /** Units that are left, rounded down; negative for debt. */
  level = 0;
  /** Until there is one more; 0 if the bucket is full. */
  resetMs = 0;
  /** What costs as much or more is denied for the next `retryMs`; 0: nothing is. */
  deniedCost = 0;
  retryMs = 0;

  constructor(bucket: Bucket, quota: Quota, number: number) {
    this.bucket = bucket;
    this.quota = quota;
    this.number = number;
  }

  /** Notes what was denied, if it was; the least of it says the most. Parts of a unit cannot be noted. */
  deny(cost: number, retryMs: number): void {
    if (retryMs === 0 || !Number.isInteger(cost) || (this.deniedCost > 0 && this.deniedCost <= cost)) return;
    this.deniedCost = cost;
    this.retryMs = retryMs;
  }
}

/** Charges of one request that are decided together. */
export interface Part {
  readonly asks: readonly Ask[];
  readonly costs: readonly number[];
  /** For each charge until there would be room, 0 if there was; if all are 0, all were taken. */
  answered(waitsMs: readonly number[]): void;
  failed(cause: unknown): void;
}

/** One run of the bucket script: what many requests ask of many buckets. */
export class ScriptCall {
  /** By name of the bucket. */
  readonly asks = new Map<string, Ask>();
  readonly #parts: Part[] = [];

  /** No call is so large that Redis would serve nobody else for long. */
  get isFull(): boolean {
    return this.#parts.length >= MAX_PARTS || this.asks.size >= MAX_BUCKETS;
  }

  /** What is asked of a bucket. Of several quotas the first counts. */
  ask(bucket: Bucket, quota: Quota): Ask {
    const known = this.asks.get(bucket.name);
    if (known !== undefined) return known;
    const ask = new Ask(bucket, quota, this.asks.size + 1);
    this.asks.set(bucket.name, ask);
    return ask;
  }

  add(part: Part): void {
    this.#parts.push(part);
  }

  keys(): string[] {
    return [...this.asks.keys()];
  }

  args(): string[] {
    const words: number[] = [];
    for (const { bucket, quota, returned, booked, wanted } of this.asks.values()) {
      const { limit, windowMs, burst } = quota;
      const algorithm = ALGORITHM_NUMBERS[bucket.algorithm];
      words.push(algorithm, limit, windowMs * US_IN_MS, burst, returned, booked, wanted);
    }
    for (const { asks, costs } of this.#parts) {
      words.push(asks.length);
      for (const [i, { number }] of asks.entries()) words.push(number, costs[i] ?? 0);
    }
    return words.map(String);
  }

  /** Notes what came of the asks, and lets `whenNoted` do something with it before requests go on. */
  answered(reply: unknown, whenNoted: () => void): void {
    const read = readerOf(reply);
    const waits = this.#parts.map(({ asks }) => asks.map(() => read() / US_IN_MS));
    for (const ask of this.asks.values()) {
      ask.leased = read();
      ask.level = read();
      ask.resetMs = read() / US_IN_MS;
      // Nothing to lend: who costs more than is left need not ask.
      if (ask.wanted > 0 && ask.leased === 0) ask.deny(Math.max(0, ask.level) + 1, ask.resetMs);
    }
    for (const [i, { asks, costs }] of this.#parts.entries())
      for (const [j, ask] of asks.entries()) ask.deny(costs[j] ?? 0, waits[i]?.[j] ?? 0);
    whenNoted();
    for (const [i, part] of this.#parts.entries()) part.answered(waits[i] ?? []);
  }

  failed(cause: unknown): void {
    for (const part of this.#parts) part.failed(cause);
  }
}

const MAX_PARTS = 128;
const MAX_BUCKETS = 256;
const US_IN_MS = 1000;

/** Gives the integers of a reply one by one. */
function readerOf(reply: unknown): () => number {
  let at = 0;
  return () => {
    const word: unknown = Array.isArray(reply) ? reply[at++] : null;
    if (typeof word !== 'number') throw new Error('redis answered with something else');
    return word;
  };
}
