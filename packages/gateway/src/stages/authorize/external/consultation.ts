import { GatewayError } from '../../../core/errors.ts';
import type { Exchange } from '../../../core/exchange.ts';
import { Deadline, type TimingWheel } from '../../../core/timing-wheel.ts';
import type { Asked } from './decision-client.ts';
import { failed, type Verdict } from './verdict.ts';

/** What a consultation begins with. */
export interface ConsultationPlan {
  readonly timeoutMs: number;
  readonly wheel: TimingWheel;
  readonly ask: (answered: (verdict: Verdict) => void) => Asked;
  /** Hears once what came of it; null: everybody has left. */
  readonly over: (verdict: Verdict | null) => void;
}

/** Who waits for a verdict. */
interface Waiting {
  readonly exchange: Exchange;
  readonly resolve: (verdict: Verdict) => void;
}

/**
 * One question under way, and everybody who waits for its answer. It goes on as long as one of them is there: who came first
 * has no part in it.
 */
export class Consultation {
  readonly #plan: ConsultationPlan;
  readonly #waiting = new Set<Waiting>();
  readonly #deadline: Deadline;
  #asked: Asked | null = null;
  #verdict: Verdict | null = null;

  constructor(plan: ConsultationPlan) {
    this.#plan = plan;
    this.#deadline = new Deadline(() => this.#late());
  }

  start(): void {
    const { wheel, timeoutMs, ask } = this.#plan;
    wheel.touch();
    wheel.set(this.#deadline, timeoutMs);
    this.#asked = ask((verdict) => this.#settle(verdict));
  }

  /** The verdict; rejects at once when the exchange is cancelled. */
  join(exchange: Exchange): Promise<Verdict> {
    if (exchange.cancelled !== null) return Promise.reject(cancelled(exchange.cancelled));
    if (this.#verdict !== null) return Promise.resolve(this.#verdict);
    return new Promise((resolve, reject) => {
      const waiting = { exchange, resolve };
      this.#waiting.add(waiting);
      exchange.whenCancelled({
        cancelled: (code) => {
          reject(cancelled(code));
          this.#leave(waiting);
        },
      });
    });
  }

  #leave(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size > 0 || this.#verdict !== null) return;
    this.#plan.wheel.remove(this.#deadline);
    this.#asked?.abandon('unwanted');
    this.#plan.over(null);
  }

  #late(): void {
    this.#asked?.abandon('late');
    this.#settle(failed('timeout'));
  }

  #settle(verdict: Verdict): void {
    if (this.#verdict !== null) return;
    this.#verdict = verdict;
    this.#plan.wheel.remove(this.#deadline);
    this.#plan.over(verdict);
    for (const { exchange, resolve } of this.#waiting) {
      exchange.whenCancelled(null);
      resolve(verdict);
    }
  }
}

function cancelled(code: NonNullable<Exchange['cancelled']>): GatewayError {
  return new GatewayError(code, 'nobody waits for the reply any more');
}
