import type { PickReason } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';
import type { Balancer } from './balancer.ts';
import { NONE, type Run, type Tried } from './candidates.ts';
import { OPEN, PENALISED, type Fitness, type Outlook } from './outlook.ts';
import type { Spread } from './spread.ts';

/** How one is chosen of candidates that are equally near and equally important. */
export interface Rule {
  readonly reason: PickReason;
  /** What an endpoint without history is expected to take. */
  readonly medianUs: number;
  /** The place of one of the run that has that fitness, or {@link NONE}. */
  pickIn(run: Run, fitness: Fitness): number;
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
  #isAgainstHealth = false;

  constructor(rule: Rule, outlook: Outlook, { spread, random }: { spread: Spread; random: Random }) {
    this.#rule = rule;
    this.#outlook = outlook;
    this.#spread = spread;
    this.#random = random;
  }

  get reason(): PickReason {
    return this.#isAgainstHealth ? 'panic' : this.#rule.reason;
  }

  get medianUs(): number {
    return this.#rule.medianUs;
  }

  pick(tried: Tried, nowMs: number): number {
    const outlook = this.#outlook;
    if (outlook.begin(tried, nowMs)) this.#spread.update();
    let at = this.#choose();
    if (outlook.isStale || at === NONE) {
      outlook.look();
      this.#spread.update();
      at = this.#choose();
    }
    this.#isAgainstHealth = outlook.take(at) === 'down';
    return outlook.candidates.index(at);
  }

  cookieFor(): null {
    return null;
  }

  #choose(): number {
    const run = this.#spread.runs[this.#drawnRun()];
    if (run === undefined) return NONE;
    const at = this.#rule.pickIn(run, OPEN);
    return at === NONE ? this.#elsewhere() : at;
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

  /** Somebody open, wherever; else somebody who asked for a pause. */
  #elsewhere(): number {
    const at = this.#anywhere(OPEN);
    return at === NONE ? this.#anywhere(PENALISED) : at;
  }

  #anywhere(fitness: Fitness): number {
    for (const run of this.#spread.runs) {
      const at = this.#rule.pickIn(run, fitness);
      if (at !== NONE) return at;
    }
    return NONE;
  }
}
