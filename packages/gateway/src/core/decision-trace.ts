import type { ExchangeRecord } from './exchange.ts';
import type { ErrorCode } from './errors.ts';

/** What a policy said while its stage had the request. */
export interface TracedDecision {
  /** Its key in the configuration. */
  readonly policy: string;
  readonly decision: 'allowed' | 'denied' | 'reported' | 'failed';
  readonly reason: string;
}

/** What a stage did with a request. */
export interface TracedStep {
  /** As in ARCHITECTURE.md. */
  readonly stage: string;
  /** It let the request through, gave the answer by itself, or broke down. */
  readonly verdict: 'passed' | 'answered' | 'failed';
  /** Of the reply that left it; 0 if none did. */
  readonly status: number;
  readonly code: ErrorCode | '';
  /** In the stage itself, without those inside it. */
  readonly ownMicroseconds: number;
  readonly decisions: readonly TracedDecision[];
}

/** Everything about one request, as a thread knows it when it is over. */
export interface DecisionTrace {
  readonly id: string;
  readonly requestId: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly listener: string;
  readonly durationMs: number;
  /** By which the route was chosen. They hold secrets, and are never shown. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly record: ExchangeRecord;
  /** Outermost first, in the order in which they began. */
  readonly steps: readonly TracedStep[];
  /** The rule that refused the request, as a path in the configuration of its route, or `''`. */
  readonly rule: string;
  /** The stage that made the reply, if it is ours; or `''`. */
  readonly answeredBy: string;
}
