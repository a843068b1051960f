import type { Entry, Visit } from '../core/admission.ts';
import { GatewayError, type ErrorCode } from '../core/errors.ts';
import type { CancelListener, Exchange, Reply } from '../core/exchange.ts';
import { UNCOUNTED } from './fair-shares.ts';
import type { ServiceGate } from './service-gate.ts';
import type { InLine } from './waiting-line.ts';

/** How a wait ends. */
export interface WaitEnd {
  readonly resolve: (entry: Entry) => void;
  readonly reject: (error: GatewayError) => void;
}

/** What all visits of a route have in common. */
export interface RoutePlan {
  /** Row of the route in the `Baselines`. */
  readonly row: number;
  /** For a whole exchange, or null. */
  readonly timeoutMs: number | null;
}

/**
 * One exchange on its way through the gate of a service. One object for everything, the place in the queue included, because
 * there is one of it per request.
 */
export class ServiceVisit implements Visit, CancelListener, InLine<ServiceVisit> {
  readonly exchange: Exchange;
  readonly rank: number;
  readonly route: RoutePlan;
  readonly #gate: ServiceGate;
  /** When it joined the queue. */
  joinedMs = 0;
  /** When the service got to work on it. */
  beganMs = 0;
  /** What its caller was counted for in the `FairShares`. */
  share = UNCOUNTED;
  /** It is one of those in flight. */
  isCounted = false;
  isOver = false;
  next: ServiceVisit | null = null;
  previous: ServiceVisit | null = null;
  #waitEnd: WaitEnd | null = null;

  constructor(exchange: Exchange, rank: number, route: RoutePlan, gate: ServiceGate) {
    this.exchange = exchange;
    this.rank = rank;
    this.route = route;
    this.#gate = gate;
  }

  /** When nobody needs the reply any more; Infinity when nobody said. */
  get deadlineMs(): number {
    const { timeoutMs } = this.route;
    return timeoutMs === null ? Infinity : this.exchange.startedAtMs + timeoutMs;
  }

  enter(): Entry | null {
    return this.#gate.admit(this);
  }

  wait(): Promise<Entry> {
    return new Promise((resolve, reject) => this.join({ resolve, reject }));
  }

  /** Joins the queue of the gate; `end` hears of the end of the wait, maybe at once. */
  join(end: WaitEnd): void {
    const { cancelled } = this.exchange;
    this.#waitEnd = end;
    if (cancelled === null) this.#gate.join(this);
    else this.#giveUp(cancelled);
  }

  /** The wait is over. */
  settle(entry: Entry): void {
    this.exchange.whenCancelled(null);
    this.#waitEnd?.resolve(entry);
  }

  /** Nobody waits for the reply any more: the place in the queue is given up at once. */
  cancelled(code: ErrorCode): void {
    this.#gate.quit(this);
    this.#giveUp(code);
  }

  answered(reply: Reply): void {
    this.#gate.answered(this, reply);
  }

  failed(error: unknown): void {
    this.#gate.failed(this, error instanceof GatewayError ? error.code : 'INTERNAL');
  }

  #giveUp(code: ErrorCode): void {
    this.exchange.whenCancelled(null);
    this.#waitEnd?.reject(new GatewayError(code, 'nobody waits for a place any more'));
  }
}
