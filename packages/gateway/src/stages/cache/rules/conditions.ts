import { Headers } from '../../../core/headers.ts';
import { parseHttpDate } from './http-date.ts';
import { entityTagOf, entityTags, matchesWeakly, strongDateOf, strongEntityTagOf } from './validators.ts';

/** A stored response, as far as conditions go. */
export interface Selected {
  readonly status: number;
  readonly headers: Headers;
}

/**
 * What becomes of a GET or HEAD for which there is a response that may be given. `send`: it. `not-modified`: 304 with its fields. `pass`: the
 * request asks something that only the service can answer.
 */
export type Verdict = 'send' | 'not-modified' | 'pass';

/**
 * Evaluates the conditions of a request against a stored response (RFC 9111 §4.3.2, RFC 9110 §13.2.2).
 *
 * `If-Match` and `If-Unmodified-Since` are not for caches: whether something is still the same is for the service to say. A response that is no
 * success has no conditions.
 */
export function verdictOf(request: Headers, selected: Selected, nowMs: number): Verdict {
  if (request.has('if-match') || request.has('if-unmodified-since')) return 'pass';
  if (selected.status < 200 || selected.status > 299) return 'send';
  const noneMatch = request.getList('if-none-match');
  if (noneMatch !== undefined) return isAmong(noneMatch, selected.headers) ? 'not-modified' : 'send';
  const since = request.getList('if-modified-since');
  if (since === undefined) return 'send';
  return isUnchangedSince(since, selected.headers, nowMs) ? 'not-modified' : 'send';
}

/** Whether `Range` counts: `If-Range` is not there, or names exactly what is stored (RFC 9110 §13.1.5). */
export function isRangeWanted(request: Headers, stored: Headers): boolean {
  const wanted = request.getList('if-range');
  if (wanted === undefined) return true;
  return wanted === strongEntityTagOf(stored) || wanted === strongDateOf(stored);
}

/** What a client that has the representation knows already; everything else may be news to it (RFC 9110 §15.4.5). */
const KNOWN_TO_CLIENT = new Set([
  'content-type',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-disposition',
]);

/** The fields of a stored response that a 304 has: they say what to keep and for how long, not what it is. */
export function notModifiedFields(stored: Headers): Headers {
  const fields = new Headers();
  for (const [i, name] of stored.names.entries()) {
    if (!KNOWN_TO_CLIENT.has(name.lower)) fields.appendNamed(name, stored.values[i] ?? '');
  }
  return fields;
}

function isAmong(list: string, stored: Headers): boolean {
  const tags = entityTags(list);
  if (tags === '*') return true;
  const own = entityTagOf(stored);
  return own !== null && tags.some((tag) => matchesWeakly(tag, own));
}

/** Without `Last-Modified` by the time when it was sent: later than that it has not changed (RFC 9111 §4.3.2). */
function isUnchangedSince(text: string, stored: Headers, nowMs: number): boolean {
  const sinceMs = parseHttpDate(text, nowMs);
  const changed = stored.get('last-modified') ?? stored.get('date');
  const changedMs = changed === undefined ? null : parseHttpDate(changed, nowMs);
  return sinceMs !== null && changedMs !== null && changedMs <= sinceMs;
}
