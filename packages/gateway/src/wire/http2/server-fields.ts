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

const SHARED_STATUS: readonly string[] = Array.from({ length: 600 }, (_, status) => String(status));

/** The fields of a reply, names and values in turn, with those that only we write. */
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
  return fields;
}

/** The fields of an interim response (1xx). */
export function interimFields(status: number, headers: Headers): string[] {
  const fields = [':status', String(status)];
  pushEndToEnd(fields, headers);
  return fields;
}

/** The trailers that go on, or null without any. */
export function trailerFields(trailers: Headers | null): string[] | null {
  if (trailers === null) return null;
  const fields: string[] = [];
  pushEndToEnd(fields, trailers);
  return fields.length === 0 ? null : fields;
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

/** `content-length`, or `''`; for a reply without a body the length that the body would have had (RFC 9110 §8.6). */
function lengthOf(method: string, { status, headers, body }: Reply): string {
  if (status === 204 || status === 304 || status < 200) return '';
  if (body === null) return isBodiless(status, method) ? (headers.get('content-length') ?? '') : '';
  const length = bodyLength(body);
  return length < 0 ? '' : String(length);
}
