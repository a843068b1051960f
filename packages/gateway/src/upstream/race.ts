import type { ErrorCode, GatewayError } from '../core/errors.ts';
import type { Exchange, Reply } from '../core/exchange.ts';
import { Deadline, type TimingWheel } from '../core/timing-wheel.ts';
import type { Attempt, AttemptOutcome } from './attempt.ts';
import type { Hedging } from './resilience/hedging.ts';

/** For whom the race is run. */
export interface Racer extends AttemptOutcome {
  readonly exchange: Exchange;
  /** An attempt at another endpoint, which tells the race how it ends; null: there is no other. */
  rival(race: Race): Attempt | null;
}

/**
 * An attempt that gets company when it takes long: the first good answer is the answer, and the other attempt is given up at
 * once. What goes wrong with one of them does not matter while the other runs. To the racer it is as one attempt.
 */
export class Race implements AttemptOutcome {
  readonly #racer: Racer;
  readonly #hedging: Hedging;
  readonly #wheel: TimingWheel;
  readonly #startedAtMs: number;
  readonly #timer = new Deadline(() => this.#hedge());
  /** Those that are under way. */
  #first: Attempt | null = null;
  #second: Attempt | null = null;
  /** The one that was made as the second, whatever became of it. */
  #hedged: Attempt | null = null;

  constructor(racer: Racer, hedging: Hedging, wheel: TimingWheel) {
    this.#racer = racer;
    this.#hedging = hedging;
    this.#wheel = wheel;
    this.#startedAtMs = wheel.nowMs;
  }

  start(first: Attempt): void {
    const afterMs = this.#hedging.begin(this.#startedAtMs);
    if (afterMs !== null) this.#wheel.set(this.#timer, afterMs);
    this.#first = first;
    first.start();
  }

  answered(reply: Reply, attempt: Attempt): boolean {
    const other = this.#leave(attempt);
    const isGood = reply.status < 500 && reply.status !== 429;
    if (other !== null && !isGood) {
      attempt.lose(reply.status, 'hedge');
      return false;
    }
    this.#wheel.remove(this.#timer);
    if (other !== null) this.#giveUp(other);
    attempt.inscribe();
    const { nowMs } = this.#wheel;
    this.#hedging.answered(nowMs - this.#startedAtMs, nowMs);
    this.#note(isGood ? (attempt === this.#hedged ? 'won' : 'lost') : 'failed');
    return this.#racer.answered(reply, attempt);
  }

  failed(error: GatewayError, attempt: Attempt): void {
    const other = this.#leave(attempt);
    if (other !== null) {
      attempt.lose(error.code, 'hedge');
      return;
    }
    this.#wheel.remove(this.#timer);
    attempt.inscribe();
    this.#note('failed');
    this.#racer.failed(error, attempt);
  }

  /** Nobody waits for the reply any more. */
  cancelled(code: ErrorCode): void {
    this.#wheel.remove(this.#timer);
    this.#first?.cancelled(code);
    this.#second?.cancelled(code);
  }

  #hedge(): void {
    const decision = this.#hedging.tryTake(this.#wheel.nowMs);
    if (decision === 'refused') this.#racer.exchange.record.hedge = 'refused';
    if (decision !== 'taken') return;
    this.#second = this.#hedged = this.#racer.rival(this);
    this.#second?.start();
  }

  /** One is over; gives the other, if it runs. */
  #leave(attempt: Attempt): Attempt | null {
    if (attempt === this.#first) this.#first = null;
    else this.#second = null;
    return this.#first ?? this.#second;
  }

  #giveUp(other: Attempt): void {
    this.#leave(other);
    other.cancelled('CLIENT_CLOSED');
    other.lose('abandoned', 'hedge');
  }

  #note(outcome: 'won' | 'lost' | 'failed'): void {
    if (this.#hedged !== null) this.#racer.exchange.record.hedge = outcome;
  }
}
