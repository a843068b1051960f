import { NONE, NOTHING_TRIED, type Candidates, type Run, type Tried } from './candidates.ts';
import type { EndpointStates } from './endpoint-states.ts';
import { isPanic, levelShares } from './level-shares.ts';
import { warmth } from './slow-start.ts';

/** It had its chance in this exchange, or it is down. */
export const SHUT = 0;
/** It asked for a pause: for when nothing better is left. */
export const PENALISED = 1;
export const OPEN = 2;

/** Whether a candidate may be picked, and how gladly. */
export type Fitness = typeof SHUT | typeof PENALISED | typeof OPEN;

/** What a service says of endpoints that are not well. */
export interface HealthRules {
  /** How long an endpoint that is new or healed gets less than its share; 0: not at all. */
  readonly slowStartMs: number;
  /** With less than this percentage of the weight healthy, health is ignored; 0: never. */
  readonly panicThreshold: number;
}

/** How old what is known of all candidates together may be. */
const LOOK_EVERY_MS = 50;
/** Of so many candidates at most, it is never old: whether all are as they were is looked at each time. */
const ALWAYS_LOOK = 8;

/** Sums over one level, written anew at each look. */
interface LevelSums {
  weight: number;
  healthyWeight: number;
}

/**
 * What may be expected of the candidates now. Who is down is asked of each that comes into question, so nobody who is down
 * is picked; what takes a walk over all of them (panic, shares of the levels, slow start) is worked out every 50 ms.
 */
export class Outlook {
  readonly candidates: Candidates;
  /** Which part of the traffic each level should get. */
  readonly levelShares: Float64Array;
  readonly #states: EndpointStates;
  readonly #rules: HealthRules;
  readonly #sums: readonly LevelSums[];
  /** 1 for a level whose health is ignored. */
  readonly #panics: Uint8Array;
  /** With slow start. */
  readonly #weights: Float64Array;
  #nextLookMs = 0;
  /** One bit for each candidate that was down, if there are few. */
  #down = 0;

  constructor(candidates: Candidates, states: EndpointStates, rules: HealthRules) {
    this.candidates = candidates;
    this.#states = states;
    this.#rules = rules;
    this.#sums = candidates.levels.map(() => ({ weight: 0, healthyWeight: 0 }));
    this.levelShares = new Float64Array(candidates.levels.length);
    this.#panics = new Uint8Array(candidates.levels.length);
    this.#weights = Float64Array.from({ length: candidates.count }, (_, at) => candidates.weight(at));
  }

  /** To be called before anything else is asked; gives whether anything may have changed. */
  look(nowMs: number): boolean {
    const isFew = this.candidates.count <= ALWAYS_LOOK;
    if (nowMs < this.#nextLookMs && (!isFew || this.#whoIsDown(nowMs) === this.#down)) return false;
    this.lookAnew(nowMs);
    return true;
  }

  /** Like {@link look}, whenever the last one was. */
  lookAnew(nowMs: number): void {
    const { levels, count } = this.candidates;
    this.#nextLookMs = nowMs + LOOK_EVERY_MS;
    if (count <= ALWAYS_LOOK) this.#down = this.#whoIsDown(nowMs);
    for (let level = 0; level < levels.length; level++) this.#lookAt(level, nowMs);
    levelShares(this.#sums, this.levelShares);
    for (let level = 0; level < levels.length; level++) {
      this.#panics[level] = isPanic(this.#sums, level, this.#rules.panicThreshold) ? 1 : 0;
    }
  }

  /** Down endpoints are shut, unless health is ignored. */
  fitness(at: number, tried: Tried, nowMs: number): Fitness {
    if (tried.length !== 0 && tried.includes(this.candidates.index(at))) return SHUT;
    const slot = this.candidates.slot(at);
    if (this.#states.isDown(slot, nowMs) && !this.isPanic(this.candidates.level(at))) return SHUT;
    return this.#states.isPenalised(slot, nowMs) ? PENALISED : OPEN;
  }

  /** The best fitness of those from `from` up to, but not including, `to`. */
  bestFitness({ from, to }: Run, tried: Tried, nowMs: number): Fitness {
    let best: Fitness = SHUT;
    for (let at = from; at < to; at++) {
      const fitness = this.fitness(at, tried, nowMs);
      if (fitness === OPEN) return OPEN;
      if (fitness > best) best = fitness;
    }
    return best;
  }

  /** Whether a candidate is picked although it is down. */
  isAgainstHealth(at: number, nowMs: number): boolean {
    return at !== NONE && this.#states.isDown(this.candidates.slot(at), nowMs);
  }

  isPanic(level: number): boolean {
    return this.#panics[level] === 1;
  }

  /** Its share among the others of its level as it is now: less while it warms up. */
  weight(at: number): number {
    return this.#weights[at] ?? 0;
  }

  /** The configured weight of those in a level that may be picked, as of the last look. */
  usableWeight(level: number): number {
    const { weight = 0, healthyWeight = 0 } = this.#sums[level] ?? {};
    return this.isPanic(level) ? weight : healthyWeight;
  }

  /** The same for a part of a level, as of now. Walks over it. */
  usableWeightIn({ from, to }: Run, nowMs: number): number {
    let weight = 0;
    for (let at = from; at < to; at++) {
      if (this.fitness(at, NOTHING_TRIED, nowMs) !== SHUT) weight += this.candidates.weight(at);
    }
    return weight;
  }

  #whoIsDown(nowMs: number): number {
    const { candidates } = this;
    let down = 0;
    for (let at = 0; at < candidates.count; at++) {
      if (this.#states.isDown(candidates.slot(at), nowMs)) down |= 1 << at;
    }
    return down;
  }

  #lookAt(level: number, nowMs: number): void {
    const run = this.candidates.levels[level];
    const sums = this.#sums[level];
    if (run === undefined || sums === undefined) return;
    sums.weight = 0;
    sums.healthyWeight = 0;
    let healthy = 0;
    let cold = 0;
    for (let at = run.from; at < run.to; at++) {
      const slot = this.candidates.slot(at);
      const weight = this.candidates.weight(at);
      sums.weight += weight;
      if (this.#states.isDown(slot, nowMs)) continue;
      sums.healthyWeight += weight;
      healthy++;
      if (nowMs - this.#states.warmSinceMs(slot) < this.#rules.slowStartMs) cold++;
    }
    // When most are new, less for them would only be too much for the few others.
    this.#warm(run, nowMs, 2 * cold > healthy ? 0 : this.#rules.slowStartMs);
  }

  #warm({ from, to }: Run, nowMs: number, slowStartMs: number): void {
    for (let at = from; at < to; at++) {
      const weight = this.candidates.weight(at);
      const sinceMs = this.#states.warmSinceMs(this.candidates.slot(at));
      const isWarm = slowStartMs === 0 || nowMs - sinceMs >= slowStartMs;
      this.#weights[at] = isWarm ? weight : weight * warmth(sinceMs, nowMs, slowStartMs);
    }
  }
}
