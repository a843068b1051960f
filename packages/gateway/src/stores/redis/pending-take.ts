import type { Charge, Taken } from '../../core/counters.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Ask, Part } from './script-call.ts';
import { takenInRedis } from './taken.ts';

/** How units get back to where they were taken from. */
export interface GiveBack {
  toLease(charge: Charge): void;
  toRedis(charge: Charge): void;
}

/**
 * A request that waits for Redis. What it needs of some buckets was taken from their leases; the rest is asked for in one
 * part, or in several that Redis decides one by one. If one of them is denied, or fails, everything goes back.
 */
export class PendingTake {
  readonly #charges: readonly Charge[];
  readonly #answers: (Taken | null)[];
  readonly #giveBack: GiveBack;
  readonly #done = Promise.withResolvers<readonly Taken[]>();
  /** How each of what was taken goes back. */
  readonly #undo: (() => void)[] = [];
  #partsOpen = 0;
  #isDenied = false;
  #isOver = false;

  /** `answers` has those that were taken from leases, and null for the others. */
  constructor(charges: readonly Charge[], answers: readonly (Taken | null)[], giveBack: GiveBack) {
    this.#charges = charges;
    this.#answers = [...answers];
    this.#giveBack = giveBack;
    for (const [i, charge] of charges.entries())
      if (answers[i] !== null) this.#undo.push(() => giveBack.toLease(charge));
  }

  get promise(): Promise<readonly Taken[]> {
    return this.#done.promise;
  }

  /** A part for the charges at these indexes. All parts are made before the first is answered. */
  part(indexes: readonly number[], asks: readonly Ask[]): Part {
    const charges = indexes.flatMap((i) => this.#charges[i] ?? []);
    this.#partsOpen++;
    return {
      asks,
      costs: charges.map(({ cost }) => cost),
      answered: (waitsMs) => {
        for (const [at, index] of indexes.entries()) this.#note(index, asks[at], waitsMs[at]);
        if (waitsMs.some((wait) => wait > 0)) this.#isDenied = true;
        else this.#took(charges);
        if (--this.#partsOpen === 0) this.#conclude();
      },
      failed: (cause) => this.#fail(cause),
    };
  }

  #note(index: number, ask: Ask | undefined, waitMs: number | undefined): void {
    const charge = this.#charges[index];
    if (charge !== undefined && ask !== undefined && waitMs !== undefined)
      this.#answers[index] = takenInRedis(charge, ask, waitMs);
  }

  #took(charges: readonly Charge[]): void {
    for (const charge of charges) {
      if (this.#isOver) this.#giveBack.toRedis(charge);
      else this.#undo.push(() => this.#giveBack.toRedis(charge));
    }
  }

  #conclude(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isDenied) for (const undo of this.#undo) undo();
    this.#done.resolve(this.#answers.flatMap((answer) => answer ?? []));
  }

  #fail(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const undo of this.#undo) undo();
    this.#done.reject(new GatewayError('COUNTERS_UNAVAILABLE', 'redis did not count', { cause }));
  }
}
