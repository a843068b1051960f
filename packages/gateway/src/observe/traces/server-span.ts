import { ERRORS } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { ITEM_FIELD } from '../../core/otlp-batch.ts';
import type { WireWriter } from '../../core/protobuf/wire-writer.ts';
import type { Trace, TraceEvent } from '../../core/trace.ts';
import { plainText } from '../json-text.ts';
import { beginMessage, type Attributes } from '../otlp/otlp-values.ts';
import { PreparedBytes } from '../otlp/prepared-bytes.ts';
import {
  attributeName,
  writeCommon,
  writeCountAttribute,
  writeError,
  writeEvent,
  writeFrame,
  writeLink,
  writeSpanFlags,
  writeTextAttribute,
} from '../otlp/span-fields.ts';

/** Methods that have names of their own; what else clients make up is `_OTHER` (semantic conventions of HTTP). */
const KNOWN_METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

/** Statuses of gRPC that are errors of the server (semantic conventions of gRPC). */
const GRPC_ERRORS: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);
const FIRST_SERVER_ERROR = 500;

const prepared = new PreparedBytes();
const MAX_PATH = 2048;
const MAX_USER_AGENT = 256;

/** Whether an exchange ended badly, through the fault of the service or ours. */
export function isError({ record }: Exchange): boolean {
  const { status, code, grpcStatus } = record;
  return (
    status >= FIRST_SERVER_ERROR ||
    GRPC_ERRORS.has(grpcStatus) ||
    (code !== '' && ERRORS[code].fault !== 'client')
  );
}

/** An exchange that is over, whose spans are told. */
export interface Telling {
  readonly exchange: Exchange;
  readonly trace: Trace;
  readonly endedAtMs: number;
  /** Why they are told although it was not sampled. */
  readonly kept: '' | 'error' | 'slow';
  /** What the monotonic clock lacks to the wall clock. */
  readonly offsetMs: number;
}

/** Writes the span of an exchange as an item of a batch: what it was for its caller. */
export function writeServerSpan(writer: WireWriter, telling: Telling): void {
  const { exchange, trace, endedAtMs, kept, offsetMs } = telling;
  const { caller } = trace;
  const start = beginMessage(writer, ITEM_FIELD);
  writeFrame(writer, {
    traceId: trace.id,
    spanId: trace.spanId,
    parentSpanId: caller.parentId,
    state: caller.state,
    startMs: exchange.startedAtMs + offsetMs,
    endMs: endedAtMs + offsetMs,
  });
  writer.raw(commonOf(exchange, trace.route));
  writeRequest(writer, exchange);
  writeOutcome(writer, exchange);
  if (kept !== '') writeTextAttribute(writer, NAMES.kept, kept);
  for (const { name, atMs, what, why } of trace.events ?? [])
    writeEvent(writer, name, { timeMs: atMs + offsetMs, attributes: eventAttributes(name, what, why) });
  if (caller.link !== null) writeLink(writer, caller.link);
  if (isError(exchange)) writeError(writer);
  writeSpanFlags(writer, trace.flags, caller.parentId === '' ? 'ours' : 'remote');
  writer.end(start);
}

function eventAttributes(name: TraceEvent['name'], what: string, why: string): Attributes {
  const [first, second] =
    name === 'turnpike.refused' ? ['turnpike.code', 'turnpike.rule'] : ['turnpike.outcome', 'turnpike.cause'];
  return why === ''
    ? [[first, what]]
    : [
        [first, what],
        [second, why],
      ];
}

/** A method as the semantic conventions name it. */
export function methodName(method: string): string {
  return KNOWN_METHODS.has(method) ? method : '_OTHER';
}

/** What the requests of a route have in common: the same as for the last one, mostly. */
function commonOf({ method, arrival, version, record }: Exchange, pattern: string): Uint8Array {
  const { route, service } = record;
  const { scheme } = arrival;
  const isSame =
    last.method === method &&
    last.route === route &&
    last.service === service &&
    last.pattern === pattern &&
    last.scheme === scheme &&
    last.version === version;
  if (isSame) return last.bytes;
  const name = methodName(method);
  const key = `${name}\n${version}\n${scheme}\n${route}\n${service}\n${pattern}`;
  const bytes = prepared.of(key, (writer) => {
    const attributes: Attributes = [
      ['http.request.method', name],
      ['url.scheme', scheme],
      ['network.protocol.name', 'http'],
      ['network.protocol.version', version],
      ['http.route', pattern],
      ['turnpike.route', route],
      ['turnpike.service', service],
    ];
    const verb = name === '_OTHER' ? 'HTTP' : name;
    const spanName = pattern === '' ? verb : `${verb} ${pattern}`;
    writeCommon(writer, spanName, {
      kind: 'server',
      attributes: attributes.filter(([, value]) => value !== ''),
    });
  });
  last = { method, route, service, pattern, scheme, version, bytes };
  return bytes;
}

const NOTHING: Uint8Array = new Uint8Array();
let last = {
  method: '',
  route: '',
  service: '',
  pattern: '',
  scheme: '',
  version: '',
  bytes: NOTHING,
};

function writeRequest(writer: WireWriter, exchange: Exchange): void {
  const { client, peer, host, method } = exchange;
  // Without its query, which may carry secrets.
  writeTextAttribute(writer, NAMES.path, exchange.path.slice(0, MAX_PATH));
  writeTextAttribute(writer, NAMES.client, client.address);
  writeTextAttribute(writer, NAMES.peer, peer.address);
  writeCountAttribute(writer, NAMES.peerPort, peer.port);
  writeTextAttribute(writer, NAMES.requestId, exchange.id);
  if (!KNOWN_METHODS.has(method)) writeTextAttribute(writer, NAMES.method, method.slice(0, 32));
  if (host !== '') {
    writeTextAttribute(writer, NAMES.server, host);
    writeCountAttribute(writer, NAMES.serverPort, portOf(exchange));
  }
  const userAgent = exchange.headers.get('user-agent');
  if (userAgent !== undefined)
    writeTextAttribute(writer, NAMES.userAgent, plainText(userAgent, MAX_USER_AGENT));
}

function writeOutcome(writer: WireWriter, exchange: Exchange): void {
  const { status, code, grpcStatus, requestBytes, responseBytes } = exchange.record;
  if (status > 0) writeCountAttribute(writer, NAMES.status, status);
  if (requestBytes > 0) writeCountAttribute(writer, NAMES.requestBytes, requestBytes);
  if (responseBytes > 0) writeCountAttribute(writer, NAMES.responseBytes, responseBytes);
  if (grpcStatus >= 0) {
    writeTextAttribute(writer, NAMES.rpc, 'grpc');
    writeCountAttribute(writer, NAMES.grpcStatus, grpcStatus);
  }
  if (code !== '') writeTextAttribute(writer, NAMES.code, code);
  if (isError(exchange) || status === 0)
    writeTextAttribute(writer, NAMES.error, code === '' ? String(status >= 500 ? status : grpcStatus) : code);
}

const NAMES = {
  path: attributeName('url.path'),
  client: attributeName('client.address'),
  peer: attributeName('network.peer.address'),
  peerPort: attributeName('network.peer.port'),
  requestId: attributeName('turnpike.request.id'),
  method: attributeName('http.request.method_original'),
  server: attributeName('server.address'),
  serverPort: attributeName('server.port'),
  userAgent: attributeName('user_agent.original'),
  status: attributeName('http.response.status_code'),
  requestBytes: attributeName('http.request.body.size'),
  responseBytes: attributeName('http.response.body.size'),
  rpc: attributeName('rpc.system'),
  grpcStatus: attributeName('rpc.grpc.status_code'),
  code: attributeName('turnpike.code'),
  error: attributeName('error.type'),
  kept: attributeName('turnpike.kept'),
} as const;

/** As the client wrote it, or the usual one. */
function portOf({ authority, host, arrival }: Exchange): number {
  if (authority.length > host.length) {
    const [, port] = /:(\d{1,5})$/.exec(authority) ?? [];
    if (port !== undefined) return Number(port);
  }
  return arrival.scheme === 'https' ? 443 : 80;
}
