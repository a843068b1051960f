import { sensitiveHeaders } from 'node:http2';
import { bodyLength } from '../../core/body.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import {
  FRAMING,
  headerName,
  NOT_FORWARDED,
  NOT_IN_TRAILER,
  SINGLETON,
  UNDERSCORED,
} from '../../core/header-names.ts';
import { Headers } from '../../core/headers.ts';
import { httpDate } from '../../core/http/date.ts';
import { isBodiless } from '../../core/http/status.ts';
import { limitLines, mayTellLimits, withoutLimitFields } from '../../core/limit-fields.ts';
import type { Clock } from '../../core/ports.ts';

/** What connections of HTTP/1.1 are told in fields, HTTP/2 has frames for (RFC 9113 §8.2.2). */
const FORBIDDEN = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Whether a message of HTTP/2 with this field is malformed (RFC 9113 §8.2.2). */
export function isConnectionSpecific(lower: string, value: string): boolean {
  return FORBIDDEN.has(lower) || (lower === 'te' && value.toLowerCase() !== 'trailers');
}

const SHARED_STATUS: readonly string[] = Array.from({ length: 600 }, (_, status) => String(status));

/** Another one with every reply: in the table of HPACK it would only push out what comes again. */
const NEVER_INDEXED = ['x-request-id'];

/** The fields of a reply as node:http2 takes them: names and values in turn, with those that only we write. */
export function replyFields(exchange: Exchange, reply: Reply, clock: Clock): string[] {
  const { status } = reply;
  const { standings } = exchange;
  const tellsLimits = standings.length > 0 && mayTellLimits(status);
  const headers = tellsLimits ? withoutLimitFields(reply.headers) : reply.headers;
  const fields = [':status', SHARED_STATUS[status] ?? '500'];
  const hasDate = pushEndToEnd(fields, headers);
  if (tellsLimits) pushLines(fields, limitLines(standings));
  // A recipient with a clock adds the date that is missing (RFC 9110 §6.6.1).
  if (!hasDate) fields.push('date', httpDate(clock.epoch()));
  fields.push('x-request-id', exchange.id);
  const length = lengthOf(exchange.method, reply);
  if (length !== '') fields.push('content-length', length);
  return Object.assign(fields, { [sensitiveHeaders]: NEVER_INDEXED });
}

/** The fields of an interim response (1xx). Node.js takes these as an object only. */
export function interimFields(status: number, headers: Headers): Record<string, string | string[]> {
  return { ':status': String(status), ...asObject(headers) };
}

/** The trailers that go on, or null without any; node:http2 takes them as an object only. */
export function trailerFields(trailers: Headers | null): Record<string, string | string[]> | null {
  return trailers === null || trailers.size === 0 ? null : asObject(trailers);
}

/** The trailers that came as names and values in turn, without those that have no place there (RFC 9110 §6.5.1). */
export function trailersOf(raw: readonly string[]): Headers | null {
  const trailers = new Headers();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = headerName(raw[i] ?? '');
    if ((name.flags & (NOT_IN_TRAILER | FRAMING | SINGLETON | UNDERSCORED)) === 0)
      trailers.appendNamed(name, raw[i + 1] ?? '');
  }
  return trailers.size === 0 ? null : trailers;
}

/** Tells whether there was a date among them. */
function pushEndToEnd(fields: string[], { names, values }: Headers): boolean {
  let hasDate = false;
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (name === undefined || (name.flags & NOT_FORWARDED) !== 0) continue;
    if (name.lower === 'date') hasDate = true;
    fields.push(name.lower, values[i] ?? '');
  }
  return hasDate;
}

/** Adds field lines that we have written ourselves. */
function pushLines(fields: string[], lines: string): void {
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(': ');
    if (colon !== -1) fields.push(line.slice(0, colon).toLowerCase(), line.slice(colon + 2));
  }
}

function asObject(headers: Headers): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = {};
  for (const [i, { lower, flags }] of headers.names.entries()) {
    const value = headers.values[i] ?? '';
    if ((flags & NOT_FORWARDED) !== 0) continue;
    const before = object[lower];
    if (before === undefined) object[lower] = value;
    else if (typeof before === 'string') object[lower] = [before, value];
    else before.push(value);
  }
  return object;
}

/** `content-length`, or `''`; for a reply without a body the length that the body would have had (RFC 9110 §8.6). */
function lengthOf(method: string, { status, headers, body }: Reply): string {
  if (status === 204 || status === 304 || status < 200) return '';
  if (body === null) return isBodiless(status, method) ? (headers.get('content-length') ?? '') : '';
  const length = bodyLength(body);
  return length < 0 ? '' : String(length);
}
