import { bodyLength } from '../../core/body.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { DATED } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';
import { httpDate } from '../../core/http/date.ts';
import { isBodiless, statusLine } from '../../core/http/status.ts';
import { limitLines, mayTellLimits, withoutLimitFields } from '../../core/limit-fields.ts';
import type { Clock } from '../../core/ports.ts';

/** Interim answer to `Expect: 100-continue` (RFC 9110 §10.1.1). */
export const INTERIM_CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** How the end of a reply and of its connection is told. */
export interface ReplyFraming {
  readonly persist: boolean;
  readonly chunked: boolean;
  readonly clock: Clock;
}

/** The head of a reply, with framing and connection fields of our own. */
export function responseHead(exchange: Exchange, reply: Reply, framing: ReplyFraming): string {
  const { status } = reply;
  const { standings } = exchange;
  const tellsLimits = standings.length > 0 && mayTellLimits(status);
  const headers = tellsLimits ? withoutLimitFields(reply.headers) : reply.headers;
  let head = statusLine(status) + headers.endToEndLines();
  if (tellsLimits) head += limitLines(standings);
  // A recipient with a clock adds the date that is missing (RFC 9110 §6.6.1).
  if ((headers.flags & DATED) === 0) head += `Date: ${httpDate(framing.clock.epoch())}\r\n`;
  head += `X-Request-Id: ${exchange.id}\r\n`;
  if (status === 101) return `${head}Connection: upgrade\r\nUpgrade: ${exchange.upgrade}\r\n\r\n`;
  // RFC 9110 §15.5.22
  if (status === 426 && exchange.upgrade !== '') head += `Upgrade: ${exchange.upgrade}\r\n`;
  head += framing.chunked ? 'Transfer-Encoding: chunked\r\n' : lengthLine(exchange.method, reply);
  if (!framing.persist) head += 'Connection: close\r\n';
  else if (exchange.version === '1.0') head += 'Connection: keep-alive\r\n';
  return `${head}\r\n`;
}

/** The head of an interim response (1xx). */
export function interimHead(status: number, headers: Headers): string {
  return `${statusLine(status)}${headers.endToEndLines()}\r\n`;
}

/** `Content-Length`; for a reply without a body the length that the body would have had, if it is known (RFC 9110 §8.6). */
function lengthLine(method: string, { status, headers, body }: Reply): string {
  if (body === null && isBodiless(status, method)) {
    const promised = status === 204 || status < 200 ? undefined : headers.get('content-length');
    return promised === undefined ? '' : `Content-Length: ${promised}\r\n`;
  }
  if (status === 204 || status === 304) return '';
  const length = bodyLength(body);
  return length < 0 ? '' : `Content-Length: ${length}\r\n`;
}
