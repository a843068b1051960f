import type { Exchange } from '../core/exchange.ts';
import { jsonText } from './json-text.ts';

/**
 * No line is longer, in bytes: what a pipe takes in one piece (`PIPE_BUF`), so that the lines of several threads
 * never mix. The limits of the fields below add up to less.
 */
export const MAX_LINE_BYTES = 4096;

/** Milliseconds of the monotonic clock to the text of the wall clock. */
export type TimeText = (monotonicMs: number) => string;

/**
 * One exchange as a line of JSON, plain ASCII, with its line feed.
 *
 * Concatenation, because `JSON.stringify` of an object costs three times as much. The query is left out on purpose: it
 * may carry secrets. `time` is the end of the exchange; `upstreamMs` is null when no response came.
 */
export function accessLogLine(exchange: Exchange, endedAtMs: number, timeText: TimeText): string {
  const { record } = exchange;
  const userAgent = exchange.headers.get('user-agent');
  // prettier-ignore
  return (
    '{"time":"' + timeText(endedAtMs) +
    '","requestId":"' + jsonText(exchange.id, 128) +
    '","client":"' + jsonText(exchange.client.address, 64) +
    '","method":"' + jsonText(exchange.method, 32) +
    '","host":"' + jsonText(exchange.host, 255) +
    '","path":"' + jsonText(exchange.path, 2048) +
    '","protocol":"HTTP/' + exchange.version +
    '","status":' + record.status +
    ',"route":"' + ownText(record.route) +
    '","service":"' + ownText(record.service) +
    '","endpoint":"' + ownText(record.endpoint) +
    '","attempts":' + record.attempts +
    ',"durationMs":' + milliseconds(endedAtMs - exchange.startedAtMs) +
    ',"upstreamMs":' + (record.upstreamMs < 0 ? 'null' : milliseconds(record.upstreamMs)) +
    ',"requestBytes":' + record.requestBytes +
    ',"responseBytes":' + record.responseBytes +
    (record.code === '' ? '' : ',"code":"' + record.code + '"') +
    (userAgent === undefined ? '' : ',"userAgent":"' + jsonText(userAgent, 256) + '"') +
    (record.reused ? ',"reused":true}\n' : ',"reused":false}\n')
  );
}

/** Names of routes, services and endpoints come again and again: each is looked at once. */
function ownText(text: string): string {
  const known = OWN_TEXTS.get(text);
  if (known !== undefined) return known;
  if (OWN_TEXTS.size >= MAX_OWN_TEXTS) OWN_TEXTS.clear(); // endpoints come and go
  const checked = jsonText(text, 255);
  OWN_TEXTS.set(text, checked);
  return checked;
}

/** With three decimals; 24 days at most, so that the numbers stay small integers. `toFixed` costs ten times as much. */
function milliseconds(ms: number): string {
  const microseconds = ms > 0 ? Math.round(Math.min(ms, MAX_MS) * 1000) : 0;
  const whole = (microseconds / 1000) | 0;
  return whole + '.' + THREE_DIGITS[(microseconds - whole * 1000) | 0];
}

/**
 * RFC 3339 in UTC with milliseconds; the text up to the second is made once a second.
 *
 * `offsetMs` gives what is to be added to the monotonic clock for the wall clock; it is asked once a second, so that a
 * clock that is set shows.
 */
export function timeTexts(offsetMs: () => number): TimeText {
  let validFromMs = Infinity;
  let prefix = '';

  return (monotonicMs) => {
    const sinceMs = monotonicMs - validFromMs;
    if (sinceMs >= 0 && sinceMs < 1000) return prefix + THREE_DIGITS[Math.floor(sinceMs)] + 'Z';
    const wallMs = Math.floor(monotonicMs + offsetMs());
    validFromMs = monotonicMs - (wallMs % 1000);
    const text = new Date(wallMs).toISOString();
    prefix = text.slice(0, -4);
    return text;
  };
}

const THREE_DIGITS: readonly string[] = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));
const MAX_MS = 2 ** 31 - 1;

const OWN_TEXTS = new Map<string, string>();
const MAX_OWN_TEXTS = 20_000;
