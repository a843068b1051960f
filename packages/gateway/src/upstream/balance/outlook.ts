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
/** Of so many candidates at most, each of which is met in almost every pick, it is worked out anew when one has changed. */
const FEW = 8;

/** Sums over one level, written anew at each look. */
interface LevelSums {
  weight: number;
  healthyWeight: number;
}

/**
 * What may be expected of the candidates in the pick that is being made. Who is down is asked of each that comes into
 * question, so nobody who is down is picked; what takes a walk over all of them (panic, shares of the levels, slow start) is
 * worked out every 50 ms.
 */
export class Outlook {
  readonly candidates: Candidates;
  /** Which part of the traffic each level should get. */
  readonly levelShares: Float64Array;
  /** Of the pick that is being made. */
  nowMs = 0;
  /** How often all were looked at: what was worked out from their weights holds until it changes. */
  looks = 0;
  readonly #states: EndpointStates;
  readonly #rules: HealthRules;
  readonly #panicked: () => void;
  readonly #sums: readonly LevelSums[];
  /** 1 for a level whose health is ignored. */
  readonly #panics: Uint8Array;
  /** With slow start. */
  readonly #weights: Float64Array;
  /** 1 for those that were down at the last look. */
  readonly #wasDown: Uint8Array;
  #someWereDown = false;
  #isWarmingUp = false;
  #isStale = true;
  #nextLookMs = 0;
  #tried: Tried = NOTHING_TRIED;

  /** `panicked` hears when somebody is picked who is down. */
  constructor(candidates: Candidates, states: EndpointStates, rules: HealthRules & { panicked: () => void }) {
    const { count, levels } = candidates;
    this.candidates = candidates;
    this.#states = states;
    this.#rules = rules;
    this.#panicked = rules.panicked;
    this.#sums = levels.map(() => ({ weight: 0, healthyWeight: 0 }));
    this.levelShares = new Float64Array(levels.length);
    this.#panics = new Uint8Array(levels.length);
    this.#weights = Float64Array.from({ length: count }, (_, at) => candidates.weight(at));
    this.#wasDown = new Uint8Array(count);
  }

  /** A pick begins. Gives whether what is known of all together has been worked out anew. */
  begin(tried: Tried, nowMs: number): boolean {
    this.#tried = tried;
    this.nowMs = nowMs;
    if (nowMs < this.#nextLookMs) return false;
    this.look();
    return true;
  }

  /** Whether somebody was met who has fallen ill or healed since the last look, and a look is cheap. */
  get isStale(): boolean {
    return this.#isStale && this.candidates.count <= FEW;
  }

  /** Works out anew what is known of all together. */
  look(): void {
    const { levels } = this.candidates;
    this.#nextLookMs = this.nowMs + LOOK_EVERY_MS;
    this.looks = (this.looks + 1) | 0;
    this.#someWereDown = false;
    this.#isWarmingUp = false;
    for (let level = 0; level < levels.length; level++) this.#lookAt(level);
    levelShares(this.#sums, this.levelShares);
    for (let level = 0; level < levels.length; level++) {
      this.#panics[level] = isPanic(this.#sums, level, this.#rules.panicThreshold) ? 1 : 0;
    }
    this.#isStale = false;
  }

  /** Down endpoints are shut, unless health is ignored. */
  fitness(at: number): Fitness {
    if (this.#tried.length !== 0 && this.#wasTried(at)) return SHUT;
    const slot = this.candidates.slot(at);
    const isDown = this.#states.isDown(slot, this.nowMs);
    if ((isDown || this.#someWereDown) && this.#isShut(at, isDown)) return SHUT;
    return this.#states.isPenalised(slot, this.nowMs) ? PENALISED : OPEN;
  }

  /** A candidate is picked. Gives whether that is so although it is down, and counts it then. */
  take(at: number): 'well' | 'down' {
    if (!this.#someWereDown || at === NONE) return 'well';
    if (!this.#states.isDown(this.candidates.slot(at), this.nowMs)) return 'well';
    this.#panicked();
    return 'down';
  }

  isPanic(level: number): boolean {
    return this.#panics[level] === 1;
  }

  /** Its share among the others of its level as it is now: less while it warms up. */
  weight(at: number): number {
    return this.#weights[at] ?? 0;
  }

  /** Whether anybody has less than its weight. */
  get isWarmingUp(): boolean {
    return this.#isWarmingUp;
  }

  /** The configured weight of those in a level that may be picked, as of the last look. */
  usableWeight(level: number): number {
    const { weight = 0, healthyWeight = 0 } = this.#sums[level] ?? {};
    return this.isPanic(level) ? weight : healthyWeight;
  }

  /** The same for a part of a level, whoever was tried. Walks over it. */
  usableWeightIn({ from, to }: Run): number {
    let weight = 0;
    for (let at = from; at < to; at++) {
      const isUsable = this.#wasDown[at] === 0 || this.isPanic(this.candidates.level(at));
      if (isUsable) weight += this.candidates.weight(at);
    }
    return weight;
  }

  #wasTried(at: number): boolean {
    return this.#tried.includes(this.candidates.index(at));
  }

  /** Apart from `fitness`, which is only as quick as it is because V8 finds it small enough to inline all of it. */
  #isShut(at: number, isDown: boolean): boolean {
    if (isDown !== (this.#wasDown[at] === 1)) this.#isStale = true;
    return isDown && !this.isPanic(this.candidates.level(at));
  }

  #lookAt(level: number): void {
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
      const isDown = this.#states.isDown(slot, this.nowMs);
      this.#wasDown[at] = isDown ? 1 : 0;
      sums.weight += weight;
      if (isDown) {
        this.#someWereDown = true;
        continue;
      }
      sums.healthyWeight += weight;
      healthy++;
      if (this.nowMs - this.#states.warmSinceMs(slot) < this.#rules.slowStartMs) cold++;
    }
    // When most are new, less for them would only be too much for the few others.
    this.#warm(run, 2 * cold > healthy ? 0 : this.#rules.slowStartMs);
  }

  #warm({ from, to }: Run, slowStartMs: number): void {
    for (let at = from; at < to; at++) {
      const weight = this.candidates.weight(at);
      const sinceMs = this.#states.warmSinceMs(this.candidates.slot(at));
      const isWarm = slowStartMs === 0 || this.nowMs - sinceMs >= slowStartMs;
      this.#weights[at] = isWarm ? weight : weight * warmth(sinceMs, this.nowMs, slowStartMs);
      if (!isWarm) this.#isWarmingUp = true;
    }
  }
}
