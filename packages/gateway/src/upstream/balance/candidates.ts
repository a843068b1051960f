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

/** Indexes of the endpoints that an exchange tried before: very few. */
export type Tried = readonly number[];

/** Those of an exchange that begins. */
export const NOTHING_TRIED: Tried = Object.freeze([]);

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

  standing(at: number, tried: Tried, nowMs: number): Standing {
    if (tried.length !== 0 && tried.includes(this.index(at))) return TRIED;
    return this.#states.isPenalised(this.slot(at), nowMs) ? PENALISED : OPEN;
  }

  /** The standing of those to pick from; {@link TRIED} if there is nobody left. */
  bestStanding(tried: Tried, nowMs: number): Standing {
    let best: Standing = TRIED;
    for (let at = 0; at < this.count; at++) {
      const standing = this.standing(at, tried, nowMs);
      if (standing === OPEN) return OPEN;
      if (standing > best) best = standing;
    }
    return best;
  }
}
