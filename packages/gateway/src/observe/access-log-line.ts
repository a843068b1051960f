import type { Exchange, ExchangeRecord, LostAttempt, Operation } from '../core/exchange.ts';
import type { Identity } from '../core/identity.ts';
import { flattened } from '../core/latin1.ts';
import { jsonText } from './json-text.ts';
import {
  callerPart,
  lastPart,
  LENGTHS,
  MAX_LINE_BYTES,
  type CallerForm,
  type LineParts,
  type WriteLine,
} from './line-parts.ts';
import { milliseconds } from './log-time.ts';
import { jsonMembers } from './own-fields.ts';
import { targetParts } from './target-parts.ts';

/**
 * Lines of our own JSON.
 *
 * Concatenation, because `JSON.stringify` of an object costs three times as much. The query is left out on purpose: it
 * may carry secrets. `time` is the end of the exchange; `upstreamMs` is null when no response came.
 */
export function jsonLines({ timeText, ownFieldsOf }: LineParts): WriteLine {
  const opening = lastPart((time) => `{"time":"${time}","requestId":"`);
  return (exchange, endedAtMs, sampleRate) => {
    const { record } = exchange;
    const before =
      opening(timeText(endedAtMs)) +
      requestId(exchange) +
      (METHODS.get(exchange.method) ?? methodPart(exchange.method));
    // prettier-ignore
    const after =
      callerPart(exchange, CALLER) + record.status +
      targetPart(record) +
      ',"durationMs":' + milliseconds(endedAtMs - exchange.startedAtMs) +
      ',"upstreamMs":' + (record.upstreamMs < 0 ? 'null' : milliseconds(record.upstreamMs)) +
      ',"requestBytes":' + record.requestBytes +
      ',"responseBytes":' + record.responseBytes +
      outcomePart(exchange) +
      (record.reused ? ',"reused":true' : ',"reused":false') +
      (record.unretried === '' && record.hedge === '' ? '' : retryPart(record)) +
      (exchange.identity === null ? '' : identityPart(exchange.identity)) +
      (exchange.operation === null ? '' : operationPart(exchange.operation)) +
      (sampleRate === 0 ? '' : ',"sampleRate":' + sampleRate) +
      (ownFieldsOf === null ? '' : ',"fields":{' + jsonMembers(ownFieldsOf(record.route), exchange) + '}');
    const roomBytes = MAX_LINE_BYTES - before.length - after.length - '}\n'.length;
    const line = before + jsonText(exchange.path, Math.min(LENGTHS.path, roomBytes)) + after;
    if (record.lost === null) return line + '}\n';
    return line + lostPart(record.lost, MAX_LINE_BYTES - line.length);
  };
}

/** What a thread calls a request is plain; what a proxy calls it may be anything. */
function requestId({ id, fromTrustedProxy }: Exchange): string {
  return fromTrustedProxy ? jsonText(id, LENGTHS.requestId) : id;
}

function methodPart(method: string): string {
  return `","method":"${jsonText(method, LENGTHS.method)}","path":"`;
}

const METHODS = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((name) => [
    name,
    flattened(methodPart(name)),
  ]),
);

/** What is told of few exchanges; looked at together, because to add nothing costs a little too. */
function outcomePart(exchange: Exchange): string {
  const { code, grpcStatus, cache, closed, fallbackFor, operation } = exchange.record;
  const isUsual = code === '' && grpcStatus < 0 && cache === '' && closed === '' && operation === '';
  if (isUsual && fallbackFor === null && exchange.trace === null) return '';
  return (
    (code === '' ? '' : `,"code":"${code}"`) +
    (grpcStatus < 0 ? '' : `,"grpcStatus":${grpcStatus}`) +
    (cache === '' ? '' : `,"cache":"${cache}"`) +
    (closed === '' ? '' : closedPart(exchange.record)) +
    (exchange.trace === null ? '' : `,"traceId":"${exchange.trace.id}"`) +
    (fallbackFor === null ? '' : `,"fallbackFor":"${fallbackFor}"`) +
    (operation === '' ? '' : `,"operation":"${jsonText(operation, 128)}"`)
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

/** What says where the request went, why there, and after how many attempts. */
const targetPart = targetParts(({ route, service, endpoint, picked, attempts }) => {
  const names = `,"route":"${jsonText(route, LENGTHS.name)}","service":"${jsonText(service, LENGTHS.name)}`;
  const why = picked === '' ? '' : `","picked":"${picked}`;
  return `${names}","endpoint":"${jsonText(endpoint, LENGTHS.name)}${why}","attempts":${attempts}`;
});
