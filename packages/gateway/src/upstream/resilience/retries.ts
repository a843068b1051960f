import type { Exchange, RetryObstacle } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import type { Random } from '../../core/random.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import { attemptNumber } from './attempt-number.ts';
import { askedPauseMs, backoffMs } from './backoff.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Outcome, RetryPolicy } from './retry-policy.ts';

/** The retries of a route. */
export interface RetryPlan {
  readonly policy: RetryPolicy;
  /** Of the service, over all routes and threads. */
  readonly budget: RetryBudget;
  /** In report mode: there would have been another attempt, because of this. */
  readonly reported: (reason: string) => void;
}

/** What retries need of their thread. */
export interface RetryPorts {
  readonly wheel: TimingWheel;
  readonly random: Random;
}

/** Who makes the next attempt. */
export interface Retrier {
  readonly exchange: Exchange;
  /** Whether the body of the request can be sent again. */
  readonly isReplayable: boolean;
  /** The pause is over. */
  again(): void;
}

/** The retries of one exchange. There is one as soon as something has failed that its route retries. */
export class Retries {
  readonly #plan: RetryPlan;
  readonly #ports: RetryPorts;
  readonly #retrier: Retrier;
  readonly #pause: Deadline;
  #made = 0;

  constructor(plan: RetryPlan, ports: RetryPorts, retrier: Retrier) {
    this.#plan = plan;
    this.#ports = ports;
    this.#retrier = retrier;
    this.#pause = new Deadline(() => retrier.again());
  }

  /** Whether another attempt follows; if so, `again` is called after a pause. `headers` are those of a reply. */
  follow(outcome: Outcome, headers: Headers | null): boolean {
    const { record } = this.#retrier.exchange;
    const { policy, reported } = this.#plan;
    const backoff = backoffMs(this.#made, this.#ports.random);
    const asked = headers === null ? 0 : askedPauseMs(outcome, headers);
    const pauseMs = Math.max(backoff, asked);
    const obstacle = this.#obstacle(outcome, pauseMs);
    if (policy.isReporting) {
      if (obstacle === null) reported(String(outcome));
      return false;
    }
    if (obstacle === null && this.#plan.budget.tryTake(this.#ports.wheel.nowMs)) {
      this.#made++;
      this.#ports.wheel.set(this.#pause, pauseMs);
      return true;
    }
    record.unretried = obstacle ?? 'budget';
    return false;
  }

  /** The exchange has its answer, or nobody waits for one any more. */
  end(): void {
    this.#ports.wheel.remove(this.#pause);
  }

  #obstacle(outcome: Outcome, pauseMs: number): RetryObstacle | null {
    const { method, headers, deadlineAtMs } = this.#retrier.exchange;
    return this.#plan.policy.obstacle({
      method,
      outcome,
      isReplayable: this.#retrier.isReplayable,
      isRepetition: attemptNumber(headers) > 1,
      attempts: 1 + this.#made,
      pauseMs,
      leftMs: deadlineAtMs - this.#ports.wheel.nowMs,
    });
  }
}
