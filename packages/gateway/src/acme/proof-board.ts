import type { ProofNews } from '../core/desk.ts';
import type { ShownProofs } from './shown-proofs.ts';

/** The proofs of all orders that are under way, as one data thread shows them. */
export class ProofBoard {
  readonly #byOrder = new Map<string, ShownProofs>();

  /** Takes those of one order in place of those before; gives all. */
  take({ id, answers, certificates }: ProofNews): ShownProofs {
    if (answers.length + certificates.length === 0) this.#byOrder.delete(id);
    else this.#byOrder.set(id, { answers, certificates });
    const all = [...this.#byOrder.values()];
    return {
      answers: all.flatMap((one) => one.answers),
      certificates: all.flatMap((one) => one.certificates),
    };
  }
}
