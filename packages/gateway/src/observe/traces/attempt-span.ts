import type { AttemptSpan, Trace } from '../../core/trace.ts';
import type { SpanItem } from '../otlp/span-item.ts';
import { methodName, type AttributeList, type WallTime } from './server-span.ts';

/** The span of an attempt: what it was for us, who were the client. */
export function attemptSpan(trace: Trace, attempt: AttemptSpan, { wall, endedAtMs }: Ending): SpanItem {
  const method = methodName(attempt.method);
  // Of an answer that is still on its way, the exchange ended first.
  const endMs = attempt.endedAtMs === 0 ? endedAtMs : attempt.endedAtMs;
  return {
    traceId: trace.id,
    spanId: attempt.id,
    parentSpanId: trace.spanId,
    isParentRemote: false,
    flags: trace.flags,
    traceState: trace.caller.state,
    name: method === '_OTHER' ? 'HTTP' : method,
    kind: 'client',
    startMs: wall(attempt.startedAtMs),
    endMs: wall(Math.max(endMs, attempt.startedAtMs)),
    attributes: attributesOf(method, attempt),
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

function attributesOf(method: string, attempt: AttemptSpan): AttributeList {
  const { origin, version, service, resends, status, error } = attempt;
  const [, host = origin, port = ''] = /:\/\/\[?([^\]]*)\]?:(\d+)$/.exec(origin) ?? [];
  const attributes: AttributeList = [
    ['http.request.method', method],
    ['server.address', host],
    // Without its query, which may carry secrets.
    ['url.full', `${origin}${attempt.path.slice(0, MAX_PATH)}`],
    ['network.protocol.name', 'http'],
    ['network.protocol.version', version],
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
