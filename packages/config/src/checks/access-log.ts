import { checkExpression } from '../expression.ts';
import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { AccessLogConfig, LogDestination } from '../resolved/access-log.ts';
import { severalLogs } from '../resolve/access-log.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Check, ReferenceAt } from './check.ts';

/** Fields of a log beyond these would not fit into a line. */
const MOST_FIELDS = 16;
const REDACTABLE = /\{(header|query|cookie)\.([^{}]+)\}/g;

/** Access logs that are more than well formed. */
export const accessLogsAreClear: Check = ({ telemetry }, referenceAt, document) =>
  telemetry.accessLog.flatMap((log, index) => {
    const path = pathOf(document, index);
    return [
      ...placeFaults(log, telemetry.accessLog.slice(0, index), path),
      ...collectorFaults(log, document, index),
      ...rotationFaults(log, path),
      ...fieldFaults(log, path, referenceAt),
    ];
  });

function pathOf({ telemetry }: ResolvedDocument, index: number): Path {
  const isList = Array.isArray(telemetry.accessLog);
  return isList ? ['telemetry', 'accessLog', index] : ['telemetry', 'accessLog'];
}

/** Two forms in one file are of no use to anybody. */
function placeFaults({ to }: AccessLogConfig, before: readonly AccessLogConfig[], path: Path): Draft[] {
  if (!before.some((other) => placeName(other.to) === placeName(to))) return [];
  const message = `telemetry.accessLog: two logs go to ${placeName(to)}; give each a place of its own`;
  return [{ code: 'CONFLICT', message, path: [...path, 'to'] }];
}

/** An address that nobody is sent to is a mistake; an empty one may come from a variable. */
function collectorFaults({ to }: AccessLogConfig, document: ResolvedDocument, index: number): Draft[] {
  const written = severalLogs(document.telemetry.accessLog)[index];
  if (to.kind === 'otlp' || written === undefined || written.otlp === '') return [];
  const message = `telemetry.accessLog: has the address of a collector, but goes to ${placeName(to)}; say to: otlp`;
  return [{ code: 'CONFLICT', message, path: [...pathOf(document, index), 'otlp'] }];
}

function placeName(to: LogDestination): string {
  return to.kind === 'file' ? to.path : to.kind;
}

function rotationFaults({ to, rotate }: AccessLogConfig, path: Path): Draft[] {
  if (rotate === null) return [];
  const at: Path = [...path, 'rotate'];
  if (to.kind !== 'file') {
    const message = `telemetry.accessLog: only files are rotated, and this log goes to ${to.kind}; take rotate out`;
    return [{ code: 'CONFLICT', message, path: at, at: 'key' }];
  }
  if (rotate.sizeBytes !== null || rotate.everyMs !== null) return [];
  const message = 'telemetry.accessLog: rotate never does anything; give it size, every or both';
  return [{ code: 'BAD_VALUE', message, path: at, at: 'key' }];
}

function fieldFaults({ fields, redact }: AccessLogConfig, path: Path, referenceAt: ReferenceAt): Draft[] {
  const at: Path = [...path, 'fields'];
  const faults = fields.flatMap(({ name, source }) => {
    const place = [...at, name];
    return source.kind === 'rule'
      ? ruleFaults(name, source.rule, { place, referenceAt })
      : hiddenFaults(name, source.text, { place, redact });
  });
  if (fields.length <= MOST_FIELDS) return faults;
  const message = `telemetry.accessLog: has ${fields.length} fields; ${MOST_FIELDS} is the most that fit into a line`;
  return [{ code: 'BAD_VALUE', message, path: at, at: 'key' }, ...faults];
}

function ruleFaults(
  name: string,
  rule: string,
  { place, referenceAt }: { readonly place: Path; readonly referenceAt: ReferenceAt },
): Draft[] {
  const problem = checkExpression(rule, 'text', 'response');
  if (problem === null) return [];
  // What came from a reference may be a secret, and the problem may quote it.
  const why = referenceAt(place) === undefined ? `: ${problem}` : '';
  const message = `telemetry.accessLog: the field ${name} is not a CEL expression that can be used${why}`;
  return [{ code: 'BAD_VALUE', message, path: place }];
}

function hiddenFaults(
  name: string,
  text: string,
  { place, redact }: { readonly place: Path; readonly redact: readonly string[] },
): Draft[] {
  for (const [placeholder, kind, about = ''] of text.matchAll(REDACTABLE)) {
    if (kind !== 'cookie' && !redact.includes(about.toLowerCase())) continue;
    const message = `telemetry.accessLog: the field ${name} always says [redacted], because no log shows ${placeholder}`;
    return [{ code: 'NO_EFFECT', message, path: place, severity: 'warning' }];
  }
  return [];
}
