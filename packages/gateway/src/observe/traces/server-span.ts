import { ERRORS } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Trace, TraceEvent } from '../../core/trace.ts';
import type { AttributeValue } from '../otlp/otlp-values.ts';
import { AttributeMemory, type PreparedAttributes } from '../otlp/prepared-attributes.ts';
import type { SpanItem } from '../otlp/span-item.ts';

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

const memory = new AttributeMemory();
const MAX_PATH = 2048;
const MAX_USER_AGENT = 256;

/** Attributes that are being collected. */
export type AttributeList = (readonly [name: string, value: AttributeValue])[];

/** When things happened, in milliseconds since 1970 for a time on the monotonic clock. */
export type WallTime = (monotonicMs: number) => number;

/** Whether an exchange ended badly, through the fault of the service or ours. */
export function isError({ record }: Exchange): boolean {
  const { status, code, grpcStatus } = record;
  return (
    status >= FIRST_SERVER_ERROR ||
    GRPC_ERRORS.has(grpcStatus) ||
    (code !== '' && ERRORS[code].fault !== 'client')
  );
}

/** The span of an exchange that is over: what it was for its caller. `kept`: why it is told although it was not sampled, or `''`. */
export function serverSpan(
  exchange: Exchange,
  trace: Trace,
  endedAtMs: number,
  { wall, kept }: Telling,
): SpanItem {
  const { caller, route } = trace;
  const method = methodName(exchange.method);
  const attributes = requestAttributes(exchange, method);
  addOutcome(attributes, exchange);
  if (kept !== '') attributes.push(['turnpike.kept', kept]);
  const name = method === '_OTHER' ? 'HTTP' : method;
  return {
    traceId: trace.id,
    spanId: trace.spanId,
    parentSpanId: caller.parentId,
    isParentRemote: caller.parentId !== '',
    flags: trace.flags,
    traceState: caller.state,
    name: route === '' ? name : `${name} ${route}`,
    kind: 'server',
    startMs: wall(exchange.startedAtMs),
    endMs: wall(endedAtMs),
    common: commonOf(exchange, method, route),
    attributes,
    events: (trace.events ?? []).map(({ name: event, atMs, what, why }) => ({
      name: event,
      timeMs: wall(atMs),
      attributes: eventAttributes(event, what, why),
    })),
    links: caller.link === null ? [] : [{ ...caller.link, spanId: caller.link.parentId }],
    error: isError(exchange) ? { message: '' } : null,
  };
}

function eventAttributes(name: TraceEvent['name'], what: string, why: string): AttributeList {
  const [first, second] =
    name === 'turnpike.refused' ? ['turnpike.code', 'turnpike.rule'] : ['turnpike.outcome', 'turnpike.cause'];
  return why === ''
    ? [[first, what]]
    : [
        [first, what],
        [second, why],
      ];
}

/** How spans of one exchange are told. */
export interface Telling {
  readonly wall: WallTime;
  readonly kept: '' | 'error' | 'slow';
}

/** A method as the semantic conventions name it. */
export function methodName(method: string): string {
  return KNOWN_METHODS.has(method) ? method : '_OTHER';
}

/** What the requests of a route have in common. */
function commonOf(
  { arrival, version, record }: Exchange,
  method: string,
  pattern: string,
): PreparedAttributes {
  const { route, service } = record;
  const key = `${method}\n${version}\n${arrival.scheme}\n${route}\n${service}\n${pattern}`;
  const known = memory.get(key);
  if (known !== undefined) return known;
  const attributes: AttributeList = [
    ['http.request.method', method],
    ['url.scheme', arrival.scheme],
    ['network.protocol.name', 'http'],
    ['network.protocol.version', version],
  ];
  if (pattern !== '') attributes.push(['http.route', pattern]);
  if (route !== '') attributes.push(['turnpike.route', route]);
  if (service !== '') attributes.push(['turnpike.service', service]);
  return memory.keep(key, attributes);
}

function requestAttributes(exchange: Exchange, method: string): AttributeList {
  const { client, peer, headers, id } = exchange;
  const attributes: AttributeList = [
    // Without its query, which may carry secrets.
    ['url.path', exchange.path.slice(0, MAX_PATH)],
    ['client.address', client.address],
    ['network.peer.address', peer.address],
    ['network.peer.port', peer.port],
    ['turnpike.request.id', id],
  ];
  if (method === '_OTHER') attributes.push(['http.request.method_original', exchange.method.slice(0, 32)]);
  if (exchange.host !== '') {
    attributes.push(['server.address', exchange.host], ['server.port', portOf(exchange)]);
  }
  const userAgent = headers.get('user-agent');
  if (userAgent !== undefined) attributes.push(['user_agent.original', userAgent.slice(0, MAX_USER_AGENT)]);
  return attributes;
}

function addOutcome(attributes: AttributeList, exchange: Exchange): void {
  const { record } = exchange;
  const { status, code, grpcStatus } = record;
  if (status > 0) attributes.push(['http.response.status_code', status]);
  if (record.requestBytes > 0) attributes.push(['http.request.body.size', record.requestBytes]);
  if (record.responseBytes > 0) attributes.push(['http.response.body.size', record.responseBytes]);
  if (grpcStatus >= 0) attributes.push(['rpc.system', 'grpc'], ['rpc.grpc.status_code', grpcStatus]);
  if (code !== '') attributes.push(['turnpike.code', code]);
  if (isError(exchange) || status === 0)
    attributes.push(['error.type', code === '' ? String(status >= 500 ? status : grpcStatus) : code]);
}

/** As the client wrote it, or the usual one. */
function portOf({ authority, arrival }: Exchange): number {
  const [, port] = /:(\d{1,5})$/.exec(authority) ?? [];
  return port === undefined ? (arrival.scheme === 'https' ? 443 : 80) : Number(port);
}
