import type { Desk, Errand, ErrandKind, Errands } from '../core/desk.ts';
import { GatewayError, type ErrorCode } from '../core/errors.ts';

/** What came of an errand. */
export type ErrandOutcome =
  | { readonly kind: 'done'; readonly gives: unknown }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** A data thread's line to the supervisor, who runs its errands. */
export class DeskLine implements Desk {
  readonly #send: (number: number, errand: Errand) => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #last = 0;

  constructor(send: (number: number, errand: Errand) => void) {
    this.#send = send;
  }

  /** Rejects with `INTERNAL` when the supervisor is silent: whatever it does for us is bounded by far less. */
  async run<Kind extends ErrandKind>(
    kind: Kind,
    asks: Errands[Kind]['asks'],
  ): Promise<Errands[Kind]['gives']> {
    const number = ++this.#last;
    const answer = Promise.withResolvers<unknown>();
    const silent = setTimeout(
      () => this.hear(number, { kind: 'failed', code: 'INTERNAL', message: `no answer to ${kind}` }),
      SILENCE_MS,
    );
    this.#waiting.set(number, answer);
    this.#send(number, { kind, ...asks } as Errand);
    try {
      return (await answer.promise) as Errands[Kind]['gives'];
    } finally {
      clearTimeout(silent);
    }
  }

  /** The supervisor answers. */
  hear(number: number, outcome: ErrandOutcome): void {
    const answer = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (outcome.kind === 'done') answer?.resolve(outcome.gives);
    else answer?.reject(new GatewayError(outcome.code, outcome.message));
  }
}

/** Runs an errand for a thread; the outcome can be sent to it. Never rejects. */
export async function outcomeOf(errand: Errand, run: RunErrand): Promise<ErrandOutcome> {
  try {
    return { kind: 'done', gives: await run(errand) };
  } catch (error) {
    const code = error instanceof GatewayError ? error.code : 'INTERNAL';
    return { kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
  }
}

/** Who runs errands, in the supervisor. */
export type RunErrand = (errand: Errand) => Promise<unknown>;

const SILENCE_MS = 15_000;
