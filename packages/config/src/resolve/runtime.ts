import type { AdminConfig, LogDestination, RuntimeConfig, TelemetryConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

/** The admin API, or `null` when it is off. */
export function resolveAdmin({ admin }: ResolvedDocument, context: Context): AdminConfig | null {
  if (admin === 'off') return null;
  return { address: admin.address, tokens: admin.tokens, origin: context.originOf('admin') };
}

/** Logs and metrics. */
export function resolveTelemetry({ telemetry }: ResolvedDocument, context: Context): TelemetryConfig {
  const { accessLog, metrics } = telemetry;
  return {
    accessLog:
      accessLog === 'off' ? null : { format: accessLog.format, to: logDestination(accessLog.to, context) },
    metrics: { prometheus: metrics.prometheus },
  };
}

function logDestination(to: string, context: Context): LogDestination {
  if (to === 'stdout' || to === 'stderr') return { kind: to };
  return { kind: 'file', path: context.absolute(['telemetry', 'accessLog'], to) };
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
