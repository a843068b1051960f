import type { Draft } from '../issue.ts';
import type { Check } from './check.ts';

/** Fields that are about the message itself: the exporter writes them. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
]);

/** What is pushed has fields that may be chosen, and authorities only where there is TLS. */
export const collectorsAreClear: Check = ({ telemetry: { otlp, traces } }, _referenceAt, document) => {
  const drafts: Draft[] = [];
  for (const name of document.telemetry.otlp.headers.keys()) {
    if (!OURS.has(name.toLowerCase())) continue;
    const message = `telemetry.otlp.headers: ${name} is written by Turnpike itself; take it out`;
    drafts.push({ code: 'CONFLICT', message, path: ['telemetry', 'otlp', 'headers', name], at: 'key' });
  }
  if (otlp.authorities !== null && traces?.endpoint?.startsWith('http://') === true) {
    const message = 'telemetry.otlp: authorities vouch for nobody over http://; say https:// in traces.otlp';
    drafts.push({ code: 'CONFLICT', message, path: ['telemetry', 'otlp', 'authorities'], at: 'key' });
  }
  return drafts;
};
