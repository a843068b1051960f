import { KNOWN_METRICS } from '../known-metrics.ts';
import type { AlertConfig, ObjectiveConfig, ThresholdConfig, WebhookConfig } from '../resolved/alerts.ts';
import type { ResolvedDocument } from '../schema/document.ts';

type Written = ResolvedDocument['telemetry']['alerts'][number];
type WrittenObjective = Extract<Written['when'], { readonly slo: unknown }>;
type WrittenThreshold = Extract<Written['when'], { readonly metric: unknown }>;

/** The alerts in their order. */
export function resolveAlerts(written: readonly Written[]): readonly AlertConfig[] {
  return written.map(({ name, when, severity, notify, silence }) => ({
    name,
    when: 'slo' in when ? objectiveOf(when) : thresholdOf(when),
    severity: 'slo' in when ? severity : (severity ?? 'page'),
    webhook: webhookOf(notify),
    silence: silence.map(({ from, to }) => ({ fromMs: from, toMs: to })),
  }));
}

function objectiveOf({ route, service, slo, window, latency }: WrittenObjective): ObjectiveConfig {
  return {
    kind: 'objective',
    of: route === null ? { kind: 'service', id: service ?? '' } : { kind: 'route', id: route },
    objective: slo,
    windowMs: window,
    latencyMs: latency,
  };
}

function thresholdOf(written: WrittenThreshold): ThresholdConfig {
  const { metric, labels, above, below, for: forMs } = written;
  return {
    kind: 'threshold',
    metric,
    type: KNOWN_METRICS.get(metric)?.type === 'gauge' ? 'gauge' : 'counter',
    labels: Array.from(labels, ([name, value]) => ({ name, value })),
    bound: above === null ? { side: 'below', value: below ?? 0 } : { side: 'above', value: above },
    forMs,
  };
}

function webhookOf(notify: Written['notify']): WebhookConfig {
  if (typeof notify === 'string') return { shape: 'generic', secret: notify, key: null };
  return { shape: notify.shape, secret: notify.url, key: notify.key };
}
