import { isIP } from 'node:net';
import type { Exchange, ExchangeRecord, LostAttempt } from '../core/exchange.ts';
import { flattened } from '../core/latin1.ts';
import { jsonText } from './json-text.ts';
import {
  callerPart,
  LENGTHS,
  MAX_LINE_BYTES,
  type CallerForm,
  type LineParts,
  type WriteLine,
} from './line-parts.ts';
import { milliseconds, nanoseconds } from './log-time.ts';
import { jsonLabels } from './own-fields.ts';
import { targetParts } from './target-parts.ts';

/** The version of Elastic Common Schema whose names and types are used. */
export const ECS_VERSION = '9.4.0';

/**
 * Lines of JSON in Elastic Common Schema: nested objects, and what the schema has no place for in `turnpike`. Fields that users
 * add are `labels`. Concatenated like our own JSON.
 */
export function ecsLines({ timeText, ownFieldsOf }: LineParts): WriteLine {
  return (exchange, endedAtMs, sampleRate) => {
    const { record } = exchange;
    // prettier-ignore
    const before =
      '{"@timestamp":"' + timeText(endedAtMs) + EVENT + outcomeOf(record) +
      '","duration":' + nanoseconds(endedAtMs - exchange.startedAtMs) +
      '},"http":{"version":"' + exchange.version +
      '","request":{"id":"' + jsonText(exchange.id, LENGTHS.requestId) +
      '","method":"' + jsonText(exchange.method, LENGTHS.method) +
      '","body":{"bytes":' + record.requestBytes +
      '}},"response":{"status_code":' + record.status +
      ',"body":{"bytes":' + record.responseBytes +
      '}}}' + callerPart(exchange, CALLER);
    // prettier-ignore
    const after =
      '"}' + userPart(exchange) + tracePart(exchange) +
      (record.code === '' ? '' : ',"error":{"code":"' + record.code + '"}') +
      (ownFieldsOf === null ? '' : ',"labels":{' + jsonLabels(ownFieldsOf(record.route), exchange) + '}') +
      targetPart(record) +
      (record.upstreamMs < 0 ? '' : ',"upstream_ms":' + milliseconds(record.upstreamMs)) +
      (record.reused ? ',"reused":true' : ',"reused":false') +
      rarePart(exchange) +
      (sampleRate === 0 ? '' : ',"sample_rate":' + sampleRate);
    const roomBytes = MAX_LINE_BYTES - before.length - after.length - ENDING.length;
    const line = before + jsonText(exchange.path, Math.min(LENGTHS.path, roomBytes)) + after;
    if (record.lost === null) return line + ENDING;
    return line + lostPart(record.lost, MAX_LINE_BYTES - line.length - ENDING.length) + ENDING;
  };
}

/** Ends `turnpike` and the line. */
const ENDING = '}}\n';

const EVENT = `","ecs":{"version":"${ECS_VERSION}"},"event":{"kind":"event","category":["web"],"type":["access"],"dataset":"turnpike.access","outcome":"`;

function outcomeOf({ status, code }: ExchangeRecord): string {
  if (status === 0) return 'unknown';
  return status < 400 && code === '' ? 'success' : 'failure';
}

function userPart({ identity }: Exchange): string {
  if (identity === null || identity.subject === '') return '';
  return `,"user":{"id":"${jsonText(identity.subject, LENGTHS.subject)}"}`;
}

function tracePart({ trace }: Exchange): string {
  return trace === null ? '' : `,"trace":{"id":"${trace.id}"},"span":{"id":"${trace.spanId}"}`;
}

/** What most exchanges have nothing of. */
function rarePart({ record, identity, operation }: Exchange): string {
  let text = '';
  if (identity !== null && identity.consumer !== '')
    text += `,"consumer":"${jsonText(identity.consumer, LENGTHS.subject)}"`;
  if (record.grpcStatus >= 0) text += `,"grpc_status":${record.grpcStatus}`;
  if (record.cache !== '') text += `,"cache":"${record.cache}"`;
  if (record.operation !== '') text += `,"operation":"${jsonText(record.operation, 128)}"`;
  if (record.closed !== '') text += `,"closed":"${record.closed}"`;
  if (record.closeCode !== 0) text += `,"close_code":${record.closeCode}`;
  if (record.fallbackFor !== null) text += `,"fallback_for":"${record.fallbackFor}"`;
  if (record.unretried !== '') text += `,"unretried":"${record.unretried}"`;
  if (record.hedge !== '') text += `,"hedge":"${record.hedge}"`;
  if (operation === null) return text;
  const { type, name, cost, depth } = operation;
  const asked = `"type":"${type}","name":"${jsonText(name, 128)}","cost":${Math.round(cost)},"depth":${depth}`;
  return `${text},"graphql":{${asked}}`;
}

/** As many of the attempts that did not give the answer as there is room for. An outcome is always text: a field has one type. */
function lostPart(lost: readonly LostAttempt[], roomBytes: number): string {
  let text = '';
  for (const { endpoint, picked, outcome, durationMs, next } of lost) {
    const entry =
      `${text === '' ? ',"lost":[' : ','}{"endpoint":"${jsonText(endpoint, LENGTHS.name)}","picked":"${picked}"` +
      `,"outcome":"${outcome}","duration_ms":${milliseconds(durationMs)},"next":"${next}"}`;
    if (text.length + entry.length + 1 > roomBytes) break;
    text += entry;
  }
  return text === '' ? '' : `${text}]`;
}

/** What says who called, and for what, up to the path. */
const CALLER: CallerForm = {
  name: 'ecs',
  write: ({ client, host, arrival }, userAgent) => {
    const address = jsonText(client.address, LENGTHS.client);
    const source = `,"source":{"address":"${address}"${isIP(client.address) === 0 ? '' : `,"ip":"${address}"`}}`;
    const agent =
      userAgent === '' ? '' : `,"user_agent":{"original":"${jsonText(userAgent, LENGTHS.userAgent)}"}`;
    return `${source}${agent},"url":{"scheme":"${arrival.scheme}","domain":"${jsonText(host, LENGTHS.host)}","path":"`;
  },
};

/** What says where the request went, and why there, up to the number of attempts. */
const targetPart = targetParts(({ route, service, endpoint, picked, attempts }) => {
  const names = `"route":"${jsonText(route, LENGTHS.name)}","service":"${jsonText(service, LENGTHS.name)}"`;
  const why = picked === '' ? '' : `,"picked":"${picked}"`;
  return flattened(`${destinationPart(endpoint)},"turnpike":{${names}${why},"attempts":${attempts}`);
});

/** `10.0.0.1:8080`, `[::1]:8080` or `orders:8080`. */
function destinationPart(endpoint: string): string {
  if (endpoint === '') return '';
  const [, bracketed, plain = '', port = ''] = /^(?:\[(.*)\]|(.*)):(\d+)$/s.exec(endpoint) ?? [];
  const host = bracketed ?? plain;
  if (port === '') return `,"destination":{"address":"${jsonText(endpoint, LENGTHS.name)}"}`;
  const address = jsonText(host, LENGTHS.name);
  const name = isIP(host) === 0 ? `"domain":"${address}"` : `"ip":"${address}"`;
  return `,"destination":{"address":"${address}",${name},"port":${Number(port)}}`;
}
