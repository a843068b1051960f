import type { Exchange } from '../core/exchange.ts';
import { callerKey } from './caller-key.ts';
import type { KeyCounts } from './key-counts.ts';
import { KeyHash } from './key-hash.ts';
import { FLOATS, INTS, type ServiceLine } from './service-limits.ts';

/** Nothing was counted for this caller. */
export const UNCOUNTED = -1;

/**
 * Keeps one caller from using up a service: as long as others want something as well, nobody gets more than half of it once
 * it is four fifths full.
 *
 * Callers are counted only while the service is at least half full. So what one had under way before that is missed, for as
 * long as it takes; and nothing is counted where there is enough for everybody.
 */
export class FairShares {
  readonly #counts: KeyCounts;
  readonly #scope: number;
  readonly #line: ServiceLine;

  constructor(service: string, line: ServiceLine, counts: KeyCounts) {
    this.#counts = counts;
    this.#scope = counts.scope(`share of ${service}`);
    this.#line = line;
  }

  /** Whether the caller has its share, and must leave what there is to others. */
  isUsedUp(exchange: Exchange, inflight: number, room: number, nowMs: number): boolean {
    if (inflight < SHORT_FROM * room) return false;
    const key = callerKey(exchange);
    return this.#hasRivals(key, nowMs) && this.#counts.count(this.#scope, key) >= MOST_SHARE * room;
  }

  /** Counts a caller who gets in; gives what `leave` takes back. */
  enter(exchange: Exchange, inflight: number, room: number): number {
    if (inflight < COUNTED_FROM * room) return UNCOUNTED;
    const place = this.#counts.enter(this.#scope, callerKey(exchange), Infinity);
    return typeof place === 'number' ? place : UNCOUNTED;
  }

  leave(place: number): void {
    if (place !== UNCOUNTED) this.#counts.leave(place);
  }

  /** Whether anybody else came of late: who is alone may have it all. */
  #hasRivals(key: string, nowMs: number): boolean {
    HASH.of(0, key);
    const before = Atomics.exchange(this.#line.ints, INTS.caller, HASH.first);
    if (before !== HASH.first && before !== 0) this.#line.floats[FLOATS.rivalMs] = nowMs;
    return nowMs - (this.#line.floats[FLOATS.rivalMs] ?? 0) < RIVALRY_MS;
  }
}

const HASH = new KeyHash(0);
const COUNTED_FROM = 0.5;
const SHORT_FROM = 0.8;
const MOST_SHARE = 0.5;
const RIVALRY_MS = 10_000;
