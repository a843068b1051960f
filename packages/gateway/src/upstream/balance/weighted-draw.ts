import type { Random } from '../../core/random.ts';
import type { Run } from './candidates.ts';
import type { Outlook } from './outlook.ts';

/** Draws among many by weight, in log N: the sums of the weights up to each are kept from one look to the next. */
export class WeightedDraw {
  readonly #outlook: Outlook;
  readonly #run: Run;
  readonly #sums: Float64Array;
  #looks = -1;

  constructor(outlook: Outlook, run: Run) {
    this.#outlook = outlook;
    this.#run = run;
    this.#sums = new Float64Array(run.to - run.from);
  }

  /** Anybody, however fit. */
  draw(random: Random): number {
    if (this.#looks !== this.#outlook.looks) this.#sumUp();
    const sums = this.#sums;
    const wanted = random.unit() * (sums.at(-1) ?? 0);
    let first = 0;
    let last = sums.length - 1;
    while (first < last) {
      const middle = (first + last) >> 1;
      if ((sums[middle] ?? 0) > wanted) last = middle;
      else first = middle + 1;
    }
    return this.#run.from + first;
  }

  #sumUp(): void {
    this.#looks = this.#outlook.looks;
    let sum = 0;
    for (let i = 0; i < this.#sums.length; i++) {
      sum += this.#outlook.weight(this.#run.from + i);
      this.#sums[i] = sum;
    }
  }
}
