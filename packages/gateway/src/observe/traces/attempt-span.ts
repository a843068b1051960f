import type { Exchange } from '../../core/exchange.ts';
import type { AttemptSpan, Trace } from '../../core/trace.ts';
import type { SpanItem } from '../otlp/span-item.ts';
import { methodName, type AttributeList, type WallTime } from './server-span.ts';

/** The span of an attempt: what it was for us, who were the client. */
export function attemptSpan(
  exchange: Exchange,
  trace: Trace,
  attempt: AttemptSpan,
  { wall, endedAtMs }: Ending,
): SpanItem {
  const { traceId, flags, callersState } = trace.start;
  const method = methodName(exchange.targetMethod);
  // Of an answer that is still on its way, the exchange ended first.
  const endMs = attempt.endedAtMs === 0 ? endedAtMs : attempt.endedAtMs;
  return {
    traceId,
    spanId: attempt.id,
    parentSpanId: trace.spanId,
    isParentRemote: false,
    flags,
    traceState: callersState,
    name: method === '_OTHER' ? 'HTTP' : method,
    kind: 'client',
    startMs: wall(attempt.startedAtMs),
    endMs: wall(Math.max(endMs, attempt.startedAtMs)),
    attributes: attributesOf(exchange, method, attempt),
    events: [],
    links: [],
    error: attempt.error !== '' || attempt.status >= 400 ? { message: '' } : null,
  };
}

/** When the exchange ended, and how times are told. */
export interface Ending {
  readonly wall: WallTime;
  readonly endedAtMs: number;
}

function attributesOf(exchange: Exchange, method: string, attempt: AttemptSpan): AttributeList {
  const { endpoint, service, resends, status, error } = attempt;
  const [, host = endpoint, port = ''] = /^(.*):(\d+)$/.exec(endpoint) ?? [];
  const attributes: AttributeList = [
    ['http.request.method', method],
    ['server.address', host.replaceAll(/^\[|\]$/g, '')],
    // Without its query, which may carry secrets.
    ['url.full', `http://${endpoint}${exchange.targetPath.slice(0, MAX_PATH)}`],
    ['turnpike.service', service],
  ];
  if (port !== '') attributes.push(['server.port', Number(port)]);
  if (resends > 0) attributes.push(['http.request.resend_count', resends]);
  if (status > 0) attributes.push(['http.response.status_code', status]);
  if (error !== '') attributes.push(['error.type', error]);
  else if (status >= 400) attributes.push(['error.type', String(status)]);
  return attributes;
}

const MAX_PATH = 2048;
