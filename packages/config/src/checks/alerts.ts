import type { Draft } from '../issue.ts';
import { KNOWN_METRICS } from '../known-metrics.ts';
import { nearest } from '../nearest.ts';
import type { Path } from '../path.ts';
import type { AlertConfig, ObjectiveConfig, ThresholdConfig } from '../resolved/alerts.ts';
import type { GatewayConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Check, ReferenceAt } from './check.ts';
import { unknownName } from './unknown-name.ts';

type Written = ResolvedDocument['telemetry']['alerts'][number];

/** Alerts can fire, and somebody hears of them. */
export const alertsAreClear: Check = (config, referenceAt, document) => {
  const { alerts } = config.telemetry;
  return alerts.flatMap((alert, index): Draft[] => {
    const path = ['telemetry', 'alerts', index];
    const written = document.telemetry.alerts[index];
    const { when } = alert;
    return [
      ...nameFaults(alerts, index, path),
      ...(when.kind === 'objective'
        ? [...objectiveFaults(when, alert, path), ...unknownHolder(when, config, { path, referenceAt })]
        : metricFaults(when, path)),
      ...(written === undefined ? [] : writtenFaults(written, path)),
      ...webhookFaults(alert, path),
      ...silenceFaults(alert, path),
    ];
  });
};

function conflict(path: Path, message: string): Draft {
  return { code: 'CONFLICT', message: `telemetry.alerts: ${message}`, path };
}

function nameFaults(alerts: readonly AlertConfig[], index: number, path: Path): Draft[] {
  const name = alerts[index]?.name ?? '';
  if (alerts.findIndex((one) => one.name === name) === index) return [];
  const message = `telemetry.alerts: there are two of the name ${name}; name them apart`;
  return [{ code: 'DUPLICATE_ENTRY', message, path: [...path, 'name'] }];
}

/** What is written twice or not at all, which is no longer to be seen in what it resolves to. */
function writtenFaults({ name, when }: Written, path: Path): Draft[] {
  const at = [...path, 'when'];
  if ('slo' in when) {
    if ((when.route === null) !== (when.service === null)) return [];
    const both = when.route !== null;
    return [
      conflict(
        at,
        `${name} ${both ? 'has a route and a service; take one out' : 'says nothing of whose requests; give it a route or a service'}`,
      ),
    ];
  }
  if ((when.above === null) !== (when.below === null)) return [];
  const both = when.above !== null;
  return [
    conflict(
      at,
      `${name} ${both ? 'has above and below; make two alerts of it' : 'has no bound; give it above or below'}`,
    ),
  ];
}

function unknownHolder(
  { of }: ObjectiveConfig,
  { routes, services }: GatewayConfig,
  { path, referenceAt }: { readonly path: Path; readonly referenceAt: ReferenceAt },
): Draft[] {
  const known = new Set((of.kind === 'route' ? routes : services).map(({ id }) => id));
  if (of.id === '' || known.has(of.id)) return [];
  const name = { kind: of.kind, section: `${of.kind}s`, name: of.id, path: [...path, 'when', of.kind] };
  return [unknownName(name, known, referenceAt)];
}

/** A rate of burning cannot be more than if everything failed. */
function objectiveFaults({ objective, windowMs }: ObjectiveConfig, alert: AlertConfig, path: Path): Draft[] {
  const at = [...path, 'when', 'slo'];
  if (objective >= 1)
    return [conflict(at, `${alert.name} lets nothing fail, so that it has no budget; say less than 100%`)];
  const fastest = Math.max(1, 0.02 * (windowMs / 3_600_000));
  if (alert.severity === 'ticket' || fastest * (1 - objective) < 1) return [];
  const least = ((1 - 1 / fastest) * 100).toFixed(1);
  return [
    conflict(
      at,
      `${alert.name} could never page: with ${objective * 100}% not even a failure of everything burns fast enough; say more than ${least}%, or severity: ticket`,
    ),
  ];
}

function metricFaults({ metric, labels }: ThresholdConfig, path: Path): Draft[] {
  const at = [...path, 'when', 'metric'];
  const known = KNOWN_METRICS.get(metric);
  if (known === undefined)
    return [unknownWord({ what: 'metric', word: metric, path: at }, [...KNOWN_METRICS.keys()])];
  if (known.type === 'histogram')
    return [
      conflict(
        at,
        `${metric} is a histogram and has no value of its own; say route or service, slo and latency`,
      ),
    ];
  return labels.flatMap(({ name, value }): Draft[] => {
    const where = [...path, 'when', 'labels', name];
    const values = known.labels.get(name);
    if (values === undefined)
      return [unknownWord({ what: `label of ${metric}`, word: name, path: where }, [...known.labels.keys()])];
    if (values === null || values.includes(value)) return [];
    return [unknownWord({ what: `${name} of ${metric}`, word: value, path: where }, values)];
  });
}

function unknownWord(
  { what, word, path }: { readonly what: string; readonly word: string; readonly path: Path },
  known: readonly string[],
): Draft {
  const suggestion = nearest(word, new Set(known));
  const some = `${known.slice(0, 10).join(', ')}${known.length > 10 ? ', …' : ''}`;
  const hint = suggestion === undefined ? `there are: ${some || 'none'}` : `did you mean ${suggestion}?`;
  return {
    code: 'UNKNOWN_NAME',
    message: `telemetry.alerts: there is no ${what} ${word}; ${hint}`,
    path,
    suggestion,
  };
}

function webhookFaults({ name, webhook: { shape, key } }: AlertConfig, path: Path): Draft[] {
  const at = [...path, 'notify'];
  if (shape === 'pagerduty' && key === null)
    return [conflict(at, `${name} tells PagerDuty, which wants an integration key; give it key`)];
  if (shape !== 'pagerduty' && key !== null)
    return [conflict([...at, 'key'], `${name} has a key, which only PagerDuty wants; take it out`)];
  return [];
}

function silenceFaults({ name, silence }: AlertConfig, path: Path): Draft[] {
  return silence.flatMap(({ fromMs, toMs }, index) =>
    fromMs < toMs
      ? []
      : [conflict([...path, 'silence', index], `${name} has a silence that ends before it begins`)],
  );
}
