import type { AccessLogConfig, ProgramLogConfig } from './access-log.ts';
import type { AlertConfig } from './alerts.ts';
import type { PemFile } from './places.ts';

/** What is told about requests, and where. */
export interface TelemetryConfig {
  /** Empty: no access log. */
  readonly accessLog: readonly AccessLogConfig[];
  readonly log: ProgramLogConfig;
  readonly metrics: MetricsConfig;
  /** `null`: off, and nobody's trace context is looked at. */
  readonly traces: TracesConfig | null;
  readonly otlp: OtlpConfig;
  /** Who may have traces of decisions; null: nobody. */
  readonly debug: { readonly secret: string } | null;
  readonly alerts: readonly AlertConfig[];
}

/** How metrics come to whoever wants them. */
export interface MetricsConfig {
  /** Whether the admin API has `/metrics`. */
  readonly prometheus: boolean;
  /** Base address of a collector that they are pushed to; null: what the environment says. */
  readonly endpoint: string | null;
  /** null: what the environment says. */
  readonly intervalMs: number | null;
}

/** Of which requests there are spans. */
export interface TracesConfig {
  /** Base address of a collector; null: what the environment says. */
  readonly endpoint: string | null;
  /** From 0 to 1, of the traces that begin here. */
  readonly sample: number;
  /** For each route and data thread; null: no limit. */
  readonly maxPerSecond: number | null;
  /** Told although they were not sampled. */
  readonly always: { readonly errors: boolean; readonly slow: boolean };
  readonly slowMs: number;
  /** Whose trace context is believed. */
  readonly trust: 'proxies' | 'everybody' | 'nobody';
}

/** How telemetry is pushed; null is what the environment says. */
export interface OtlpConfig {
  readonly headers: readonly { readonly name: string; readonly secret: string }[];
  readonly timeoutMs: number | null;
  readonly compression: 'gzip' | 'none' | null;
  readonly authorities: PemFile | null;
  readonly resource: readonly { readonly name: string; readonly value: string }[];
}
