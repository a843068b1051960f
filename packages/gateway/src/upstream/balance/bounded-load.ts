import type { Outlook } from './outlook.ts';
import type { EndpointStates } from './endpoint-states.ts';

/** Counts that are read again in one call. With so many candidates at most, the sum is exact. */
const READ_AT_ONCE = 16;

/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam 2018): nobody has more requests under way at once
 * than `factor` times its share of all that are under way. So one key that everybody wants, or keys that somebody chose, do
 * not overload one endpoint.
 *
 * What is under way at all endpoints is summed up a few at a time: with many of them the sum is a little old, by one pick for
 * 16 endpoints. What one endpoint has is always read anew.
 */
export class BoundedLoad {
  readonly #factor: number;
  readonly #outlook: Outlook;
  readonly #states: EndpointStates;
  /** As last read. */
  readonly #counts: Float64Array;
  #total = 0;
  #next = 0;

  constructor(factor: number, outlook: Outlook, states: EndpointStates) {
    this.#factor = factor;
    this.#outlook = outlook;
    this.#states = states;
    this.#counts = new Float64Array(outlook.candidates.count);
  }

  /** There is a pick. */
  begin(): void {
    const { candidates } = this.#outlook;
    for (let i = Math.min(READ_AT_ONCE, candidates.count); i > 0; i--) {
      const at = this.#next;
      const count = this.#states.inflight(candidates.slot(at));
      this.#total += count - (this.#counts[at] ?? 0);
      this.#counts[at] = count;
      this.#next = at + 1 === candidates.count ? 0 : at + 1;
    }
  }

  /** Whether it may have one more. */
  hasRoom(at: number): boolean {
    const { candidates } = this.#outlook;
    const share = this.#outlook.weight(at) / this.#outlook.usableWeight(candidates.level(at));
    return this.#states.inflight(candidates.slot(at)) < Math.ceil(this.#factor * (this.#total + 1) * share);
  }
}
