import { connectForm, connectRefusal } from './connect-refusal.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import type { Exchange, Reply } from './exchange.ts';
import { grpcMediaType, grpcRefusal } from './grpc-refusal.ts';
import { Headers } from './headers.ts';
import type { Json } from './identity.ts';

const TYPE_BASE = 'https://turnpike.dev/problems/';

/** What a client is told beside the line of the error table. Nothing secret, and nothing that the client sent. */
export interface Particulars {
  /** What the status demands: `Allow`, `Retry-After`, `WWW-Authenticate`. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** What is wrong with this request in particular (RFC 9457 §3.1.4). */
  readonly detail?: string;
  /** The rule that refused it, as a path in the configuration of the route: `authorize.scopes`. */
  readonly rule?: string;
  /** Instead of that of the table. gRPC callers have no status of HTTP. */
  readonly status?: number;
  /** The type that another specification gives this problem (RFC 9457 §4.2), instead of ours for the code. */
  readonly type?: string;
  /** What another specification wants to find in the body as well (RFC 9457 §3.2). */
  readonly members?: Readonly<Record<string, Json>>;
}

/**
 * The reply to a request that was refused or that failed: an RFC 9457 problem, and `Proxy-Status` (RFC 9209) where the
 * fault is the upstream's or ours. The only writer of error bodies; no message, host name or stack gets in.
 */
export function problem(code: ErrorCode, id: string, particulars: Particulars = {}): Reply {
  const { type, detail, rule, members } = particulars;
  const { title } = ERRORS[code];
  const status = particulars.status ?? ERRORS[code].status;
  const document = {
    type: type ?? TYPE_BASE + typeName(code),
    title,
    status,
    ...(detail !== undefined && { detail }),
    code,
    ...(rule !== undefined && { rule }),
    requestId: id,
    ...members,
  };
  const headers = fieldsOf(code, particulars);
  return { status, headers, body: JSON.stringify(document), code, tunnel: null };
}

/** A failure that a service told in another protocol. */
export interface ServiceFailure {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** What else it said (RFC 9457 §3.2). */
  readonly members: Readonly<Record<string, Json>>;
  /** The fields of its reply that go on. */
  readonly headers: Headers;
}

/** The failure of a service as a problem. It is the service's own answer: we have refused nothing. */
export function serviceProblem(id: string, failure: ServiceFailure): Reply {
  const { status, type, title, detail, members, headers } = failure;
  const document = { type, title, status, ...(detail !== '' && { detail }), ...members, requestId: id };
  headers.set('Content-Type', 'application/problem+json');
  const body = Buffer.from(JSON.stringify(document)).toString('latin1');
  return { status, headers, body, code: '', tunnel: null };
}

/** A refusal is a reply: a problem, or for callers of gRPC and Connect what they have for it. */
export function refuse(exchange: Exchange, code: ErrorCode, particulars: Particulars = {}): Reply {
  const { rule = '', detail = '' } = particulars;
  exchange.refusal = { code, rule, detail };
  exchange.trace?.refused(code, rule);
  const grpc = grpcMediaType(exchange.headers.get('content-type'));
  if (grpc !== null) {
    const { status } = particulars;
    const reply = grpcRefusal(code, grpc, fieldsOf(code, particulars));
    return status === undefined ? reply : { ...reply, httpStatus: status };
  }
  const connect = connectForm(exchange);
  if (connect !== null) return connectRefusal(code, connect, fieldsOf(code, particulars), particulars);
  return problem(code, exchange.id, particulars);
}

function fieldsOf(code: ErrorCode, { fields = [] }: Particulars): Headers {
  const { proxyError } = ERRORS[code];
  const headers = new Headers()
    .append('Content-Type', 'application/problem+json')
    .append('Cache-Control', 'no-store');
  for (const [name, value] of fields) headers.append(name, value);
  if (proxyError !== null) headers.append('Proxy-Status', `turnpike; error=${proxyError}`);
  return headers;
}

/** `NO_ROUTE` as the last part of a problem type: `no-route`. */
export function typeName(code: ErrorCode): string {
  return code.toLowerCase().replaceAll('_', '-');
}
