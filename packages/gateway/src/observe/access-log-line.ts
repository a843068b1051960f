import type { Exchange, ExchangeRecord, LostAttempt, Operation } from '../core/exchange.ts';
import type { Identity } from '../core/identity.ts';
import type { Trace } from '../core/trace.ts';
import { jsonText } from './json-text.ts';
import { LineBytes, readyBytes } from './line-bytes.ts';
import {
  callerPart,
  lastPart,
  LENGTHS,
  MAX_LINE_BYTES,
  type CallerForm,
  type LineEnd,
  type LineParts,
  type WriteBytes,
  type WriteLine,
} from './line-parts.ts';
import { milliseconds } from './log-time.ts';
import { jsonMembers } from './own-fields.ts';
import { targetParts } from './target-parts.ts';

/** Lines of our own JSON as texts: see {@link jsonBytes}. */
export function jsonLines(parts: LineParts): WriteLine {
  const write = jsonBytes(parts);
  const line = new LineBytes(Buffer.alloc(2 * MAX_LINE_BYTES));
  return (exchange, endedAtMs, sampleRate) => {
    line.pos = 0;
    write(line, exchange, { endedAtMs, sampleRate });
    return line.since(0);
  };
}

/**
 * Lines of our own JSON, written piece by piece: `JSON.stringify` of an object costs many times as much. The query is left out on
 * purpose: it may carry secrets. `time` is the end of the exchange; `upstreamMs` is null when no response came.
 */
export function jsonBytes({ timeText, ownFieldsOf }: LineParts): WriteBytes {
  const opening = lastPart((time) => `{"time":"${time}","requestId":"`);

  function writeAfter(line: LineBytes, exchange: Exchange, { endedAtMs, sampleRate }: LineEnd): void {
    const { record } = exchange;
    line.text(callerPart(exchange, CALLER));
    line.whole(record.status);
    line.ready(targetPart(record));
    line.milliseconds(endedAtMs - exchange.startedAtMs);
    line.ready(UPSTREAM);
    if (record.upstreamMs < 0) line.ready(NULL);
    else line.milliseconds(record.upstreamMs);
    line.ready(REQUEST_BYTES);
    line.whole(record.requestBytes);
    line.ready(RESPONSE_BYTES);
    line.whole(record.responseBytes);
    if (exchange.trace !== null) writeTrace(line, exchange.trace);
    const rare = rarePart(exchange);
    if (rare !== '') line.text(rare);
    line.ready(record.reused ? REUSED : FRESH);
    if (sampleRate !== 0) line.text(`,"sampleRate":${sampleRate}`);
    if (ownFieldsOf !== null) line.text(`,"fields":{${jsonMembers(ownFieldsOf(record.route), exchange)}}`);
  }

  return (line, exchange, end) => {
    const { path, method, record } = exchange;
    const start = line.pos;
    line.ready(opening(timeText(end.endedAtMs)));
    // What a thread calls a request is plain; what a proxy calls it may be anything.
    if (exchange.fromTrustedProxy) line.json(exchange.id, LENGTHS.requestId);
    else line.text(exchange.id);
    line.ready(METHODS.get(method) ?? methodPart(method));
    const at = line.pos;
    const isShort = path.length <= SHORT_PATH;
    if (isShort) line.json(path, SHORT_PATH_BYTES);
    writeAfter(line, exchange, end);
    if (!isShort) insertPath(line, path, { start, at });
    if (record.lost === null) line.ready(END);
    else line.text(lostPart(record.lost, MAX_LINE_BYTES - (line.pos - start)));
  };
}

function writeTrace(line: LineBytes, { id }: Trace): void {
  line.ready(TRACE);
  line.text(id);
  line.ready(QUOTE);
}

function methodPart(method: string): Uint8Array {
  return readyBytes(`","method":"${jsonText(method, LENGTHS.method)}","path":"`);
}

const METHODS: ReadonlyMap<string, Uint8Array> = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((name) => [name, methodPart(name)]),
);

const UPSTREAM = readyBytes(',"upstreamMs":');
const NULL = readyBytes('null');
const REQUEST_BYTES = readyBytes(',"requestBytes":');
const RESPONSE_BYTES = readyBytes(',"responseBytes":');
const TRACE = readyBytes(',"traceId":"');
const QUOTE = readyBytes('"');
const REUSED = readyBytes(',"reused":true');
const FRESH = readyBytes(',"reused":false');
const END = readyBytes('}\n');

/** A path of which there is room for the worst that it can become, whatever else there is to tell. */
const SHORT_PATH = 64;
const SHORT_PATH_BYTES = 6 * SHORT_PATH;

/** Puts a long path where it belongs, as much of it as there is room for when all else is known. */
function insertPath(line: LineBytes, path: string, { start, at }: PathPlace): void {
  const roomBytes = MAX_LINE_BYTES - (line.pos - start) - '}\n'.length;
  const text = jsonText(path, Math.min(LENGTHS.path, roomBytes));
  const end = line.pos + text.length;
  line.bytes.copyWithin(at + text.length, at, line.pos);
  line.pos = at;
  line.text(text);
  line.pos = end;
}

interface PathPlace {
  readonly start: number;
  readonly at: number;
}

/** What is told of few exchanges; looked at together, because to add nothing costs a little too. */
function rarePart(exchange: Exchange): string {
  const { code, grpcStatus, cache, closed, fallbackFor, operation, unretried, hedge } = exchange.record;
  const { identity } = exchange;
  const isUsual = code === '' && grpcStatus < 0 && cache === '' && closed === '' && operation === '';
  const isPlain = fallbackFor === null && identity === null && unretried === '' && hedge === '';
  if (isUsual && isPlain && exchange.operation === null) return '';
  return (
    (code === '' ? '' : `,"code":"${code}"`) +
    (grpcStatus < 0 ? '' : `,"grpcStatus":${grpcStatus}`) +
    (cache === '' ? '' : `,"cache":"${cache}"`) +
    (closed === '' ? '' : closedPart(exchange.record)) +
    (fallbackFor === null ? '' : `,"fallbackFor":"${fallbackFor}"`) +
    (operation === '' ? '' : `,"operation":"${jsonText(operation, 128)}"`) +
    retryPart(exchange.record) +
    (identity === null ? '' : identityPart(identity)) +
    (exchange.operation === null ? '' : operationPart(exchange.operation))
  );
}

function identityPart({ subject, consumer }: Identity): string {
  const who = subject === '' ? '' : `,"subject":"${jsonText(subject, LENGTHS.subject)}"`;
  return consumer === '' ? who : `${who},"consumer":"${jsonText(consumer, LENGTHS.subject)}"`;
}

function operationPart({ type, name, cost, depth }: Operation): string {
  return `,"graphql":{"type":"${type}","name":"${jsonText(name, 128)}","cost":${Math.round(cost)},"depth":${depth}}`;
}

/** How a WebSocket or a stream of events ended. */
function closedPart({ closed, closeCode }: ExchangeRecord): string {
  return `,"closed":"${closed}"${closeCode === 0 ? '' : `,"closeCode":${closeCode}`}`;
}

/** Why what failed was not tried again, and what came of a second attempt at once. */
function retryPart({ unretried, hedge }: ExchangeRecord): string {
  const why = unretried === '' ? '' : `,"unretried":"${unretried}"`;
  return hedge === '' ? why : `${why},"hedge":"${hedge}"`;
}

/** The end of a line that tells of the attempts that did not give the answer: as many as there is room for. */
function lostPart(lost: readonly LostAttempt[], roomBytes: number): string {
  const attempts = lostAttempts(lost, roomBytes - ',"lost":[]}\n'.length);
  return attempts === '' ? '}\n' : `,"lost":[${attempts}]}\n`;
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

/** What says who called, up to the status. */
const CALLER: CallerForm = {
  name: 'json',
  write: ({ client, host, version }, userAgent) => {
    const agent = userAgent === '' ? '' : `","userAgent":"${jsonText(userAgent, LENGTHS.userAgent)}`;
    const who = `","client":"${jsonText(client.address, LENGTHS.client)}","host":"${jsonText(host, LENGTHS.host)}`;
    return `${who}${agent}","protocol":"HTTP/${version}","status":`;
  },
};

/** What says where the request went, why there, and after how many attempts, up to the duration. */
const targetPart = targetParts(({ route, service, endpoint, picked, attempts }) => {
  const names = `,"route":"${jsonText(route, LENGTHS.name)}","service":"${jsonText(service, LENGTHS.name)}`;
  const why = picked === '' ? '' : `","picked":"${picked}`;
  return readyBytes(
    `${names}","endpoint":"${jsonText(endpoint, LENGTHS.name)}${why}","attempts":${attempts},"durationMs":`,
  );
});
