import type { OtlpConfig, RouteConfig, RuntimeConfig, TelemetryConfig, TracesConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { resolveAccessLogs } from './access-log.ts';
import { resolveAlerts } from './alerts.ts';
import { pemFile } from './certificate-uses.ts';
import type { Context } from './context.ts';

/** Logs, metrics and traces. Routes say where credentials are, which no log may show. */
export function resolveTelemetry(
  { telemetry }: ResolvedDocument,
  context: Context,
  routes: readonly RouteConfig[],
): TelemetryConfig {
  const { accessLog, log, metrics, traces } = telemetry;
  return {
    accessLog: resolveAccessLogs(accessLog, routes, context),
    log: { ...log, components: ownLevels(log.components) },
    metrics: {
      prometheus: metrics.prometheus,
      endpoint: metrics.otlp === '' ? null : metrics.otlp,
      intervalMs: metrics.interval,
    },
    traces: traces === 'off' ? null : resolveTraces(traces),
    otlp: resolveOtlp(telemetry.otlp, context),
    debug: telemetry.debug,
    alerts: resolveAlerts(telemetry.alerts),
  };
}

type Telemetry = ResolvedDocument['telemetry'];

function resolveTraces(traces: Exclude<Telemetry['traces'], 'off'>): TracesConfig {
  const { otlp, sample, maxPerSecond, always, slow, trust } = traces;
  return {
    endpoint: otlp === '' ? null : otlp,
    sample,
    maxPerSecond,
    always: { errors: always.includes('errors'), slow: always.includes('slow') },
    slowMs: slow,
    trust,
  };
}

function resolveOtlp(otlp: Telemetry['otlp'], context: Context): OtlpConfig {
  const { headers, timeout, compression, authorities, resource } = otlp;
  return {
    headers: Array.from(headers, ([name, secret]) => ({ name: name.toLowerCase(), secret })),
    timeoutMs: timeout,
    compression,
    authorities:
      authorities === null ? null : pemFile(authorities, ['telemetry', 'otlp', 'authorities'], context),
    resource: Array.from(resource, ([name, value]) => ({ name, value })),
  };
}

/** The process. */
export function resolveRuntime({ runtime }: ResolvedDocument, context: Context): RuntimeConfig {
  return {
    zone: runtime.zone,
    threads: runtime.threads === 'auto' ? 0 : runtime.threads,
    drainTimeoutMs: runtime.drainTimeout,
    selfProtection: runtime.selfProtection === 'on',
    stateDirectory: context.absoluteToMain(runtime.stateDirectory),
    signingKey: runtime.signingKey,
  };
}

function ownLevels(components: Telemetry['log']['components']): TelemetryConfig['log']['components'] {
  return Object.fromEntries(Object.entries(components).filter(([, level]) => level !== null));
}
