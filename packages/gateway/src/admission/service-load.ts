import type { ServiceConcurrency } from '@turnpike/config';
import type { ErrorCode } from '../core/errors.ts';
import type { Reply } from '../core/exchange.ts';
import type { TimingWheel } from '../core/timing-wheel.ts';
import type { Baselines } from './baselines.ts';
import { GradientLimiter } from './gradient-limiter.ts';
import type { ServiceLimits } from './service-limits.ts';
import { whenRead } from './upload.ts';
import type { ServiceVisit } from './visit.ts';

/** What is known of the work of services. */
export interface LoadPorts {
  readonly limits: ServiceLimits;
  readonly baselines: Baselines;
  readonly wheel: TimingWheel;
  /** What our event loop adds to the latencies that are measured now. */
  readonly ownDelayMs: () => number;
}

/** How much a service may have to do at once: there is no gate where there is no limit. */
export type LoadLimit = Exclude<ServiceConcurrency, { readonly kind: 'off' }>;

/**
 * How much a service has to do, and how much it may.
 *
 * An adaptive limit is about what the service works on: it counts a request from its last byte to the head of the reply,
 * because before and after that it may be the client that is slow. A fixed limit is what somebody wrote down, and counts
 * exchanges from their start to their end.
 */
export class ServiceLoad {
  readonly #slot: number;
  readonly #ports: LoadPorts;
  readonly #limiter: GradientLimiter;
  #fixed: number | null = null;

  constructor(slot: number, ports: LoadPorts) {
    this.#slot = slot;
    this.#ports = ports;
    const { limits, baselines } = ports;
    this.#limiter = new GradientLimiter({ slot, line: limits.line(slot), baselines });
  }

  /** Takes what a new snapshot says of the limit. */
  replan(limit: LoadLimit): void {
    this.#fixed = limit.kind === 'fixed' ? limit.limit : null;
  }

  get isFixed(): boolean {
    return this.#fixed !== null;
  }

  /** In flight, in all threads. */
  get inflight(): number {
    return this.#ports.limits.inflight(this.#slot);
  }

  /** How much may be in flight now. */
  get limit(): number {
    return this.#fixed ?? this.#limiter.limit(this.#ports.wheel.nowMs);
  }

  /** The limit will soon be a different one, so one should be patient. */
  get isSearching(): boolean {
    return this.#fixed === null && this.#limiter.isSearching(this.#ports.wheel.nowMs);
  }

  /** Somebody found no place. */
  pushed(): void {
    this.#limiter.pushed();
  }

  /** Begins to count a visit, unless there are `threshold` already. */
  tryBegin(visit: ServiceVisit, threshold: number): boolean {
    const { body } = visit.exchange;
    if (this.#fixed === null && typeof body === 'object' && body !== null) {
      visit.exchange.body = whenRead(body, () => this.#uploaded(visit));
      return true;
    }
    visit.beganMs = this.#ports.wheel.nowMs;
    visit.isCounted = this.#ports.limits.tryBegin(this.#slot, threshold);
    return visit.isCounted;
  }

  /** Takes in the head of a reply; tells whether that is the end of the visit, or the end of the exchange is. */
  answered(visit: ServiceVisit, { status, code, body, tunnel }: Reply): boolean {
    if (code === '' && status < 400) this.#learn(visit);
    const isStreamed = tunnel !== null || (typeof body === 'object' && body !== null);
    return this.#fixed === null || !isStreamed;
  }

  /**
   * Takes in how an attempt ended without a reply: whoever gave up has waited at least so long. Of clients that leave, only
   * those count that have waited longer than usual, or all that a very slow service is asked would leave no trace.
   */
  failed(visit: ServiceVisit, code: ErrorCode): void {
    const waitedMs = this.#ports.wheel.nowMs - visit.beganMs;
    const isLate = code === 'CLIENT_CLOSED' && waitedMs > this.#ports.baselines.baselineMs(visit.route.row);
    if (isLate || TIMEOUTS.has(code)) this.#learn(visit);
  }

  /** Counts a visit no more. */
  end(visit: ServiceVisit): void {
    visit.isOver = true;
    if (visit.isCounted) this.#limiter.ended(this.#ports.limits.end(this.#slot));
  }

  #uploaded(visit: ServiceVisit): void {
    if (visit.isOver) return;
    visit.beganMs = this.#ports.wheel.nowMs;
    visit.isCounted = true;
    this.#ports.limits.begin(this.#slot);
  }

  #learn(visit: ServiceVisit): void {
    if (this.#fixed !== null || !visit.isCounted) return;
    const { nowMs } = this.#ports.wheel;
    this.#limiter.sample(visit.route.row, nowMs - visit.beganMs, this.#ports.ownDelayMs(), nowMs);
  }
}

const TIMEOUTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UPSTREAM_TIMEOUT', 'DEADLINE_EXCEEDED']);
