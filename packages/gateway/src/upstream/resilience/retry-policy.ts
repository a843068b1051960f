import type { GrpcCondition, RetryCondition, RetryConfig } from '@turnpike/config';
import type { ErrorCode } from '../../core/errors.ts';
import type { RetryObstacle } from '../../core/exchange.ts';
import { isIdempotent } from '../../core/http/methods.ts';
import { NEVER } from './backoff.ts';

/** How an attempt ended: an error, or the status of a reply, maybe of gRPC. */
export type Outcome = ErrorCode | GrpcCondition | number;

/** What the decision depends on. */
export interface Situation {
  readonly method: string;
  /** What the route repeats: to name a status of gRPC is to say that calls may be repeated that end with it. */
  readonly outcome: Outcome;
  /** Whether the body can be sent again. */
  readonly isReplayable: boolean;
  /** A layer before us has sent this request before. */
  readonly isRepetition: boolean;
  /** Attempts that count, with the one that has just failed. */
  readonly attempts: number;
  /** Before the next attempt. */
  readonly pauseMs: number;
  /** Until nobody waits any more. */
  readonly leftMs: number;
}

/** The retries of a route, made ready. */
export class RetryPolicy {
  readonly isReporting: boolean;
  readonly #config: RetryConfig;
  readonly #conditions: ReadonlySet<string | number>;
  readonly #methods: ReadonlySet<string>;

  constructor(config: RetryConfig) {
    this.isReporting = config.mode === 'report';
    this.#config = config;
    this.#conditions = new Set(config.perTryMs === null ? config.on : [...config.on, 'timeout']);
    this.#methods = new Set(config.methods);
  }

  /** For one attempt; null: as long as the service allows. */
  get attemptMs(): number | null {
    return this.isReporting ? null : this.#config.perTryMs;
  }

  /** Bodies up to this size are worth keeping for another attempt of this method; 0: none is. */
  bytesToKeep(method: string): number {
    return this.isReporting || !this.mayRepeat(method) ? 0 : this.#config.bodyBytes;
  }

  /** As many bytes of a gRPC call, which may be repeated by its status. */
  get grpcBytesToKeep(): number {
    return this.isReporting ? 0 : this.#config.bodyBytes;
  }

  /** Whether requests of that method may be sent again, although the service may have acted on them. */
  mayRepeat(method: string): boolean {
    return isIdempotent(method) || this.#methods.has(method);
  }

  /** Whether another attempt is wanted after this. */
  isReason(outcome: Outcome): boolean {
    if (typeof outcome === 'number') return outcome >= LEAST_STATUS && this.#conditions.has(outcome);
    const condition = isGrpc(outcome) ? outcome : CONDITIONS[outcome];
    return condition !== undefined && this.#conditions.has(condition);
  }

  /** What speaks against it, or null. The budget is asked last, by the caller: it changes. */
  obstacle(situation: Situation): RetryObstacle | null {
    if (!isUnseen(situation.outcome)) {
      if (!this.mayRepeat(situation.method) && !isGrpc(situation.outcome)) return 'method';
      if (!situation.isReplayable) return 'body';
    }
    if (situation.isRepetition) return 'layer';
    if (situation.attempts >= this.#config.attempts) return 'attempts';
    if (situation.pauseMs === NEVER) return 'pause';
    return situation.pauseMs < situation.leftMs ? null : 'deadline';
  }
}

/** Codes of errors are in capital letters. */
function isGrpc(outcome: Outcome): outcome is GrpcCondition {
  return typeof outcome === 'string' && outcome.charCodeAt(0) >= LOWER_A;
}

const LOWER_A = 0x61;

/**
 * Errors before the head of a response, for which a route can want another attempt. Without a connection there always is one at
 * another endpoint; this is for when all of them were tried.
 */
const CONDITIONS: Readonly<Partial<Record<ErrorCode, RetryCondition & string>>> = {
  CONNECT_FAILED: 'connect-failure',
  CONNECT_TIMEOUT: 'connect-failure',
  UPSTREAM_TLS_FAILED: 'connect-failure',
  UPSTREAM_RESET: 'reset',
  UPSTREAM_INVALID: 'reset',
  UPSTREAM_INCOMPLETE: 'reset',
  UPSTREAM_TIMEOUT: 'timeout',
};

/** Nothing of it has left us, so that nobody can do it twice, and a body that streams has not begun. */
function isUnseen(outcome: Outcome): boolean {
  return typeof outcome === 'string' && !isGrpc(outcome) && CONDITIONS[outcome] === 'connect-failure';
}

/** The least status that can be a reason: most replies need no look into a set. */
const LEAST_STATUS = 429;
