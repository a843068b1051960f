import { Codel } from './codel.ts';
import type { ServiceVisit } from './visit.ts';
import { WaitingLine } from './waiting-line.ts';

/** Ranks that may wait: what is less important than normal is shed instead. */
const RANKS = 3;

/** Those who wait for a place at one service in one thread, by rank. */
export class WaitQueue {
  readonly #lines = Array.from({ length: RANKS }, () => new WaitingLine<ServiceVisit>());
  readonly #codel = new Codel();
  size = 0;

  /** Whether this rank may wait at all. */
  static takes(rank: number): boolean {
    return rank < RANKS;
  }

  /** Whether somebody waits who goes before a newcomer of this rank. */
  isBefore(rank: number): boolean {
    if (this.size === 0) return false;
    return this.#lines.some((line, waiting) => waiting <= rank && line.size > 0);
  }

  push(visit: ServiceVisit): void {
    this.#lines[visit.rank]?.push(visit);
    this.size++;
  }

  /** It leaves, for whatever reason. */
  remove(visit: ServiceVisit, nowMs: number): void {
    this.#lines[visit.rank]?.remove(visit);
    this.size--;
    this.#codel.left(this.size === 0 ? 0 : nowMs - visit.joinedMs, nowMs);
  }

  /** How long one may wait: CoDel says. */
  get patienceMs(): number {
    return this.#codel.patienceMs;
  }

  /** Who is to be served next. */
  get next(): ServiceVisit | null {
    for (const line of this.#lines) {
      if (line.size > 0) return this.#codel.isStanding ? line.last : line.first;
    }
    return null;
  }

  /** One who has waited since before `sinceMs`, if anybody has. */
  overdue(sinceMs: number): ServiceVisit | null {
    for (const { first } of this.#lines) if (first !== null && first.joinedMs < sinceMs) return first;
    return null;
  }

  /** Who gives way to a newcomer of this rank when there is no room for both, if anybody does. */
  leastBelow(rank: number): ServiceVisit | null {
    for (let waiting = RANKS - 1; waiting > rank; waiting--) {
      const { first } = this.#lines[waiting] ?? { first: null };
      if (first !== null) return first;
    }
    return null;
  }
}
