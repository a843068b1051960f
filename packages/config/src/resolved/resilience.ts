import type { PolicyMode } from './policies.ts';

/** After what another attempt is made: no connection, an answer that broke off before its head, or a status, maybe of gRPC. */
export type RetryCondition =
  | 'connect-failure'
  | 'reset'
  | 'timeout'
  | 502
  | 503
  | 504
  | 429
  | 500
  | GrpcCondition;

/** Statuses of gRPC after which another attempt may help. */
export type GrpcCondition =
  | 'cancelled'
  | 'deadline-exceeded'
  | 'internal'
  | 'resource-exhausted'
  | 'unavailable';

/** Another attempt, at another endpoint. */
export interface RetryConfig {
  readonly mode: PolicyMode;
  /** With the first, 2 at least. */
  readonly attempts: number;
  readonly on: readonly RetryCondition[];
  /** For one attempt; null: what the service allows. Retried like a reset. */
  readonly perTryMs: number | null;
  /** Percentage of the requests of a service that may be retries. */
  readonly budgetPercent: number;
  /** Bodies up to this size are kept for another attempt. */
  readonly bodyBytes: number;
  /** Beside those that are idempotent (RFC 9110 §9.2.2). */
  readonly methods: readonly string[];
}

/** A second attempt while the first is still under way. */
export interface HedgeConfig {
  readonly mode: PolicyMode;
  /** A percentile of what the route took lately, or a time. */
  readonly after:
    | { readonly kind: 'percentile'; readonly percentile: number }
    | { readonly kind: 'time'; readonly ms: number };
  /** Percentage of the requests. */
  readonly budgetPercent: number;
}

/** What answers when the service does not. */
export type FallbackConfig = { readonly mode: PolicyMode } & (
  | { readonly kind: 'service'; readonly service: string }
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly body: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
    }
);

/** Copies of requests, whose answers nobody waits for. */
export interface MirrorConfig {
  readonly mode: PolicyMode;
  readonly service: string;
  readonly percent: number;
  /** Requests with a larger body are not copied. */
  readonly bodyBytes: number;
}

/** Faults on purpose. */
export interface FaultConfig {
  readonly mode: PolicyMode;
  readonly delay: { readonly percent: number; readonly durationMs: number } | null;
  readonly abort: { readonly percent: number; readonly status: number } | null;
}
