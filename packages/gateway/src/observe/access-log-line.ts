import type { Exchange, ExchangeRecord, LostAttempt, Operation } from '../core/exchange.ts';
import { jsonText } from './json-text.ts';
import { flattened } from '../core/latin1.ts';

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
  // prettier-ignore
  const line =
    '{"time":"' + timeText(endedAtMs) +
    '","requestId":"' + jsonText(exchange.id, 128) +
    '","method":"' + jsonText(exchange.method, 32) +
    '","path":"' + jsonText(exchange.path, 2048) +
    callerPart(exchange) + record.status +
    targetPart(record) +
    ',"durationMs":' + milliseconds(endedAtMs - exchange.startedAtMs) +
    ',"upstreamMs":' + (record.upstreamMs < 0 ? 'null' : milliseconds(record.upstreamMs)) +
    ',"requestBytes":' + record.requestBytes +
    ',"responseBytes":' + record.responseBytes +
    (record.code === '' ? '' : ',"code":"' + record.code + '"') +
    (record.grpcStatus < 0 ? '' : ',"grpcStatus":' + record.grpcStatus) +
    (record.cache === '' ? '' : ',"cache":"' + record.cache + '"') +
    (record.closed === '' ? '' : closedPart(record)) +
    (exchange.trace === null ? '' : ',"traceId":"' + exchange.trace.id + '"') +
    (record.fallbackFor === null ? '' : ',"fallbackFor":"' + record.fallbackFor + '"') +
    (record.operation === '' ? '' : ',"operation":"' + jsonText(record.operation, 128) + '"') +
    (record.reused ? ',"reused":true' : ',"reused":false');
  const { lost, unretried, hedge } = record;
  const known = exchange.operation === null ? line : line + operationPart(exchange.operation);
  if (lost === null && unretried === '' && hedge === '') return known + '}\n';
  return known + attemptsPart(record, MAX_LINE_BYTES - known.length);
}

function operationPart({ type, name, cost, depth }: Operation): string {
  return `,"graphql":{"type":"${type}","name":"${jsonText(name, 128)}","cost":${Math.round(cost)},"depth":${depth}}`;
}

/** How a WebSocket or a stream of events ended. */
function closedPart({ closed, closeCode }: ExchangeRecord): string {
  return `,"closed":"${closed}"${closeCode === 0 ? '' : `,"closeCode":${closeCode}`}`;
}

/** The end of a line that has more to say than that an attempt gave the answer: of the others, as many as there is room for. */
function attemptsPart({ lost, unretried, hedge }: ExchangeRecord, roomBytes: number): string {
  let text = '';
  if (unretried !== '') text += `,"unretried":"${unretried}"`;
  if (hedge !== '') text += `,"hedge":"${hedge}"`;
  const attempts = lost === null ? '' : lostAttempts(lost, roomBytes - text.length - ',"lost":[]}\n'.length);
  return attempts === '' ? `${text}}\n` : `${text},"lost":[${attempts}]}\n`;
}

function lostAttempts(lost: readonly LostAttempt[], roomBytes: number): string {
  let text = '';
  for (const { endpoint, picked, outcome, durationMs, next } of lost) {
    const what = typeof outcome === 'number' ? String(outcome) : `"${outcome}"`;
    const entry =
      `${text === '' ? '' : ','}{"endpoint":"${jsonText(endpoint, 255)}","picked":"${picked}","outcome":${what}` +
      `,"durationMs":${milliseconds(durationMs)},"next":"${next}"}`;
    if (text.length + entry.length > roomBytes) break;
    text += entry;
  }
  return text;
}

/** What says who called, up to the status: the same for most exchanges of a connection, so it is kept there. */
function callerPart(exchange: Exchange): string {
  const { memo, host, client, version } = exchange;
  const userAgent = exchange.headers.get('user-agent') ?? '';
  const kept = memo.logged;
  if (
    kept !== null &&
    kept.host === host &&
    kept.userAgent === userAgent &&
    kept.address === client.address
  ) {
    return kept.text;
  }
  const agent = userAgent === '' ? '' : `","userAgent":"${jsonText(userAgent, 256)}`;
  const who = `","client":"${jsonText(client.address, 64)}","host":"${jsonText(host, 255)}${agent}`;
  const text = flattened(`${who}","protocol":"HTTP/${version}","status":`);
  memo.logged = { host, userAgent, address: client.address, text };
  return text;
}

/** A part of a line, and what it depends on beside route and endpoint. */
interface TargetPart extends Pick<ExchangeRecord, 'service' | 'picked'> {
  readonly text: string;
}

/** What says where the request went, and why there: the same few combinations come again and again. */
function targetPart({ route, service, endpoint, picked, attempts }: ExchangeRecord): string {
  let byEndpoint = TARGET_PARTS.get(route);
  if (byEndpoint === undefined) {
    if (TARGET_PARTS.size >= MAX_TARGETS) TARGET_PARTS.clear(); // routes come and go
    byEndpoint = new Map();
    TARGET_PARTS.set(route, byEndpoint);
  }
  let part = byEndpoint.get(endpoint);
  // An endpoint may be in several services, and requests that came to none may have had different ones in mind.
  if (part?.service !== service || part.picked !== picked) {
    if (byEndpoint.size >= MAX_ENDPOINTS) byEndpoint.clear();
    const names = `,"route":"${jsonText(route, 255)}","service":"${jsonText(service, 255)}`;
    const why = picked === '' ? '' : `","picked":"${picked}`;
    const text = flattened(`${names}","endpoint":"${jsonText(endpoint, 255)}${why}","attempts":`);
    part = { service, picked, text };
    byEndpoint.set(endpoint, part);
  }
  return part.text + attempts;
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

const TARGET_PARTS = new Map<string, Map<string, TargetPart>>();
const MAX_TARGETS = 20_000;
const MAX_ENDPOINTS = 1000;
