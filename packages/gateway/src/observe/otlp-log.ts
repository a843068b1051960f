import type { Exchange } from '../core/exchange.ts';
import type { Clock } from '../core/ports.ts';
import type { AccessLog } from './access-log.ts';
import { plainText } from './json-text.ts';
import { LENGTHS } from './line-parts.ts';
import { writeLog, type LogItem } from './otlp/log-item.ts';
import type { OtlpOutbox } from './otlp/otlp-outbox.ts';
import type { AttributeValue } from './otlp/otlp-values.ts';
import { MAX_VALUE_LENGTH, type OwnFieldsOf } from './own-fields.ts';
import type { Sample } from './sampling.ts';

/** What an access log is made with that goes to a collector. */
export interface OtlpLogOptions {
  readonly outbox: Pick<OtlpOutbox, 'add' | 'close'>;
  readonly clock: Clock;
  readonly ownFieldsOf: OwnFieldsOf | null;
  readonly sample: Sample | null;
}

/**
 * The access log as log records of OpenTelemetry, with the names of its semantic conventions where they have one, and of
 * ours otherwise. What the collector does not take is dropped and counted by whoever sends it.
 */
export function openOtlpLog({ outbox, clock, ownFieldsOf, sample }: OtlpLogOptions): AccessLog {
  return {
    record(exchange, endedAtMs) {
      const durationMs = endedAtMs - exchange.startedAtMs;
      const sampleRate = sample === null ? 0 : sample(exchange, durationMs);
      if (sample !== null && sampleRate === 0) return;
      const attributes = attributesOf(exchange, durationMs);
      if (sampleRate > 0) attributes.push(['turnpike.sample_rate', { double: sampleRate }]);
      if (ownFieldsOf !== null) attributes.push(...ownAttributes(exchange, ownFieldsOf));
      outbox.add(writeLog, logItem(exchange, clock.epoch(), attributes));
    },
    dropped: 0,
    reopen: () => Promise.resolve(),
    close: () => Promise.resolve(outbox.close()),
  };
}

type Attribute = readonly [name: string, value: AttributeValue];

function logItem(
  { record, method, path, trace }: Exchange,
  timeMs: number,
  attributes: readonly Attribute[],
): LogItem {
  return {
    timeMs,
    severity: record.status >= 500 ? 'error' : record.status >= 400 ? 'warn' : 'info',
    body: `${plainText(method, LENGTHS.method)} ${plainText(path, LENGTHS.path)} ${record.status}`,
    attributes,
    eventName: 'turnpike.access',
    span: trace && { traceId: trace.id, spanId: trace.spanId, flags: trace.flags },
  };
}

function attributesOf(exchange: Exchange, durationMs: number): Attribute[] {
  const { record, arrival, identity, operation } = exchange;
  const attributes: Attribute[] = [
    ['turnpike.request.id', plainText(exchange.id, LENGTHS.requestId)],
    ['http.request.method', plainText(exchange.method, LENGTHS.method)],
    ['url.scheme', arrival.scheme],
    ['url.path', plainText(exchange.path, LENGTHS.path)],
    ['server.address', plainText(exchange.host, LENGTHS.host)],
    ['client.address', plainText(exchange.client.address, LENGTHS.client)],
    ['network.protocol.name', 'http'],
    ['network.protocol.version', exchange.version],
    ['http.response.status_code', record.status],
    ['http.request.body.size', record.requestBytes],
    ['http.response.body.size', record.responseBytes],
    ['turnpike.duration_ms', { double: durationMs }],
    ['turnpike.route', plainText(record.route, LENGTHS.name)],
    ['turnpike.service', plainText(record.service, LENGTHS.name)],
    ['turnpike.attempts', record.attempts],
    ['turnpike.reused', record.reused],
  ];
  const add = (name: string, value: AttributeValue | undefined): void => {
    if (value !== undefined && value !== '') attributes.push([name, value]);
  };
  add('user_agent.original', plainText(exchange.headers.get('user-agent') ?? '', LENGTHS.userAgent));
  add('enduser.id', plainText(identity?.subject ?? '', LENGTHS.subject));
  add('turnpike.consumer', plainText(identity?.consumer ?? '', LENGTHS.subject));
  add('turnpike.endpoint', plainText(record.endpoint, LENGTHS.name));
  add('turnpike.picked', record.picked);
  add('error.type', errorType(exchange));
  add('turnpike.cache', record.cache);
  add('turnpike.operation', plainText(record.operation, 128));
  add('turnpike.unretried', record.unretried);
  add('turnpike.hedge', record.hedge);
  add('turnpike.closed', record.closed);
  if (record.upstreamMs >= 0) add('turnpike.upstream_ms', { double: record.upstreamMs });
  if (record.grpcStatus >= 0) add('rpc.grpc.status_code', record.grpcStatus);
  if (record.closeCode !== 0) add('turnpike.close_code', record.closeCode);
  if (record.fallbackFor !== null) add('turnpike.fallback_for', String(record.fallbackFor));
  if (operation !== null) {
    add('graphql.operation.type', operation.type);
    add('graphql.operation.name', plainText(operation.name, 128));
  }
  return attributes;
}

/** Our code, or a status that says that the service failed. */
function errorType({ record }: Exchange): string {
  if (record.code !== '') return record.code;
  return record.status >= 500 ? String(record.status) : '';
}

function ownAttributes(exchange: Exchange, ownFieldsOf: OwnFieldsOf): Attribute[] {
  return ownFieldsOf(exchange.record.route).flatMap(({ name, read }): Attribute[] => {
    const value = read(exchange);
    if (value === null) return [];
    return [[name, typeof value === 'string' ? plainText(value, MAX_VALUE_LENGTH) : value]];
  });
}
