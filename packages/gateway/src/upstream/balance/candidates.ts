import type { EndpointStates } from './endpoint-states.ts';

/** An endpoint as a balancer sees it. */
export interface BalancedEndpoint {
  /** Its line in the {@link EndpointStates}. */
  readonly slot: number;
  /** Its share among the others; 0 drains it. */
  readonly weight: number;
}

/** No endpoint can be picked. */
export const NONE = -1;

/** It had its chance in this exchange. */
export const TRIED = 0;
/** It asked for a pause: for when nothing better is left. */
export const PENALISED = 1;
export const OPEN = 2;

/** Whether a candidate may be picked, and how gladly. */
export type Standing = typeof TRIED | typeof PENALISED | typeof OPEN;

/** A bit set has room for this many endpoints; those after them can be picked twice in one exchange. */
const TRACKED = 31;

/** The endpoints that are not drained, as parallel arrays: balancers walk them on every pick. */
export class Candidates {
  readonly count: number;
  readonly #indexes: Int32Array;
  readonly #slots: Int32Array;
  readonly #weights: Float64Array;
  readonly #states: EndpointStates;

  constructor(endpoints: readonly BalancedEndpoint[], states: EndpointStates) {
    const picked = endpoints
      .map(({ slot, weight }, index) => ({ slot, weight, index }))
      .filter((e) => e.weight > 0);
    this.count = picked.length;
    this.#indexes = Int32Array.from(picked, (e) => e.index);
    this.#slots = Int32Array.from(picked, (e) => e.slot);
    this.#weights = Float64Array.from(picked, (e) => e.weight);
    this.#states = states;
  }

  /** Its index in the list that the caller gave. */
  index(at: number): number {
    return this.#indexes[at] ?? NONE;
  }

  slot(at: number): number {
    return this.#slots[at] ?? NONE;
  }

  weight(at: number): number {
    return this.#weights[at] ?? 0;
  }

  standing(at: number, tried: number, nowMs: number): Standing {
    if (tried !== 0 && this.#isTried(at, tried)) return TRIED;
    return this.#states.isPenalised(this.slot(at), nowMs) ? PENALISED : OPEN;
  }

  #isTried(at: number, tried: number): boolean {
    const index = this.index(at);
    return index < TRACKED && ((tried >>> index) & 1) === 1;
  }

  /** The standing of those to pick from; {@link TRIED} if there is nobody left. */
  bestStanding(tried: number, nowMs: number): Standing {
    let best: Standing = TRIED;
    for (let at = 0; at < this.count; at++) {
      const standing = this.standing(at, tried, nowMs);
      if (standing === OPEN) return OPEN;
      if (standing > best) best = standing;
    }
    return best;
  }
}
