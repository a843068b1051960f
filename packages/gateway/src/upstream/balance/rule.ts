import type { PickReason } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';
import type { Balancer } from './balancer.ts';
import { NONE, type Run, type Tried } from './candidates.ts';
import { OPEN, SHUT, type Fitness, type Outlook } from './outlook.ts';
import type { Spread } from './spread.ts';

/** How one is chosen of candidates that are equally near and equally important. */
export interface Rule {
  readonly reason: PickReason;
  /** What an endpoint without history is expected to take. */
  readonly medianUs: number;
  /** The place of one of the fittest of the run, or {@link NONE} when all are shut. */
  pickIn(run: Run, tried: Tried, nowMs: number): number;
}

/**
 * A balancer that chooses a run of candidates by its share of the traffic, and one of them by a rule. If nobody there is open,
 * it looks everywhere else, the most important first.
 */
export class RuleBalancer implements Balancer {
  readonly #rule: Rule;
  readonly #outlook: Outlook;
  readonly #spread: Spread;
  readonly #random: Random;
  reason: PickReason;

  constructor(rule: Rule, outlook: Outlook, { spread, random }: { spread: Spread; random: Random }) {
    this.#rule = rule;
    this.#outlook = outlook;
    this.#spread = spread;
    this.#random = random;
    this.reason = rule.reason;
  }

  get medianUs(): number {
    return this.#rule.medianUs;
  }

  pick(tried: Tried, nowMs: number): number {
    if (this.#outlook.look(nowMs)) this.#spread.update(nowMs);
    const at = this.#choose(tried, nowMs);
    this.reason = this.#outlook.isAgainstHealth(at, nowMs) ? 'panic' : this.#rule.reason;
    return this.#outlook.candidates.index(at);
  }

  cookieFor(): null {
    return null;
  }

  #choose(tried: Tried, nowMs: number): number {
    const run = this.#spread.runs[this.#drawnRun()];
    if (run === undefined) return NONE;
    const at = this.#rule.pickIn(run, tried, nowMs);
    if (this.#fitness(at, tried, nowMs) === OPEN) return at;
    const other = this.#elsewhere(tried, nowMs);
    if (other !== NONE) return other;
    this.#outlook.lookAnew(nowMs);
    this.#spread.update(nowMs);
    return this.#elsewhere(tried, nowMs);
  }

  #drawnRun(): number {
    const { shares } = this.#spread;
    if (shares.length === 1 || shares[0] === 1) return 0;
    let rest = this.#random.unit();
    let drawn = 0;
    for (let run = 0; run < shares.length && rest >= 0; run++) {
      const share = shares[run] ?? 0;
      if (share > 0) drawn = run;
      rest -= share;
    }
    return drawn;
  }

  /** The first open candidate that the rule gives for any run, else the first that asked for a pause. */
  #elsewhere(tried: Tried, nowMs: number): number {
    let best = NONE;
    let bestFitness: Fitness = SHUT;
    for (const run of this.#spread.runs) {
      const at = this.#rule.pickIn(run, tried, nowMs);
      const fitness = this.#fitness(at, tried, nowMs);
      if (fitness <= bestFitness) continue;
      best = at;
      bestFitness = fitness;
      if (fitness === OPEN) break;
    }
    return best;
  }

  #fitness(at: number, tried: Tried, nowMs: number): Fitness {
    return at === NONE ? SHUT : this.#outlook.fitness(at, tried, nowMs);
  }
}
