import type { AlertConfig } from '@turnpike/config';
import type { AlertNews } from './alert-life.ts';

/** A message that is ready to be posted. */
export interface AlertMessage {
  readonly alert: string;
  readonly body: string;
}

/** A message in the shape that its receiver understands. `source` is the name of this machine. */
export function alertMessage(
  { name, webhook: { shape, key } }: AlertConfig,
  news: AlertNews,
  { source, epochMs }: { readonly source: string; readonly epochMs: number },
): AlertMessage {
  const facts: Facts = { ...news, alert: name, source, epochMs };
  const body =
    shape === 'slack' ? slack(facts) : shape === 'pagerduty' ? pagerDuty(facts, key) : generic(facts);
  return { alert: name, body: JSON.stringify(body) };
}

type Facts = AlertNews & { readonly alert: string; readonly source: string; readonly epochMs: number };

function generic({ alert, kind, severity, text, value, source, startedAtMs, epochMs }: Facts): object {
  return {
    version: 1,
    alert,
    state: kind,
    severity,
    text,
    value,
    source,
    startedAt: iso(startedAtMs),
    endedAt: kind === 'resolved' ? iso(epochMs) : null,
  };
}

/** Incoming webhooks: `&`, `<` and `>` are theirs. */
function slack({ alert, kind, severity, text, source }: Facts): object {
  const head = kind === 'firing' ? `*${severity.toUpperCase()}: ${alert}*` : `*Resolved: ${alert}*`;
  const plain = `${head} on ${source}\n${text}`;
  return { text: plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') };
}

/** Events API v2. The key of an incident names the gateway, because each sees its own requests. */
function pagerDuty(
  { alert, kind, severity, text, value, source, startedAtMs }: Facts,
  key: string | null,
): object {
  const incident = { routing_key: key, dedup_key: `turnpike/${source}/${alert}`.slice(0, 255) };
  if (kind === 'resolved') return { ...incident, event_action: 'resolve' };
  return {
    ...incident,
    event_action: 'trigger',
    payload: {
      summary: `${alert}: ${text}`.slice(0, 1024),
      source,
      severity: severity === 'page' ? 'critical' : 'warning',
      timestamp: iso(startedAtMs),
      component: 'turnpike',
      custom_details: { value },
    },
  };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
