import { spanOf } from '../../core/trace-ids.ts';
import type { AttemptSpan, Trace } from '../../core/trace.ts';
import { AttributeMemory, type PreparedAttributes } from '../otlp/prepared-attributes.ts';
import type { SpanItem } from '../otlp/span-item.ts';
import { methodName, type AttributeList, type WallTime } from './server-span.ts';

/** The span of an attempt: what it was for us, who were the client. */
export function attemptSpan(trace: Trace, attempt: AttemptSpan, { wall, endedAtMs }: Ending): SpanItem {
  const method = methodName(attempt.method);
  // Of an answer that is still on its way, the exchange ended first.
  const endMs = attempt.endedAtMs === 0 ? endedAtMs : attempt.endedAtMs;
  return {
    traceId: trace.id,
    spanId: spanOf(attempt.line),
    parentSpanId: trace.spanId,
    isParentRemote: false,
    flags: trace.flags,
    traceState: trace.caller.state,
    name: method === '_OTHER' ? 'HTTP' : method,
    kind: 'client',
    startMs: wall(attempt.startedAtMs),
    endMs: wall(Math.max(endMs, attempt.startedAtMs)),
    common: commonOf(method, attempt),
    attributes: attributesOf(attempt),
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

function commonOf(method: string, { target: { origin, version }, service }: AttemptSpan): PreparedAttributes {
  const key = `${method}\n${version}\n${origin}\n${service}`;
  const known = memory.get(key);
  if (known !== undefined) return known;
  const [, host = origin, port = ''] = /:\/\/\[?([^\]]*)\]?:(\d+)$/.exec(origin) ?? [];
  const attributes: AttributeList = [
    ['http.request.method', method],
    ['server.address', host],
    ['network.protocol.name', 'http'],
    ['network.protocol.version', version],
    ['turnpike.service', service],
  ];
  if (port !== '') attributes.push(['server.port', Number(port)]);
  return memory.keep(key, attributes);
}

function attributesOf({ target: { origin }, path, resends, status, error }: AttemptSpan): AttributeList {
  // Without its query, which may carry secrets.
  const attributes: AttributeList = [['url.full', `${origin}${path.slice(0, MAX_PATH)}`]];
  if (resends > 0) attributes.push(['http.request.resend_count', resends]);
  if (status > 0) attributes.push(['http.response.status_code', status]);
  if (error !== '') attributes.push(['error.type', error]);
  else if (status >= 400) attributes.push(['error.type', String(status)]);
  return attributes;
}

const memory = new AttributeMemory();
const MAX_PATH = 2048;
