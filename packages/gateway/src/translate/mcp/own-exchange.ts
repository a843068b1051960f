import type { Body } from '../../core/body.ts';
import { Exchange } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';

/** A request that we make for somebody else's. */
export interface OwnRequest {
  readonly method: string;
  /** Normalised, with its query apart. */
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly body: Body;
}

/** Fields of a client that go on with whatever is asked for it: so that one trace has all of it. */
const SHARED = ['traceparent', 'tracestate', 'baggage', 'user-agent'] as const;

/**
 * An exchange of our own, in the name of the caller of another. Nothing of the client's head goes along but who it is; the
 * `Authorization` only if we have put it there ourselves, because a token for us is for nobody else.
 */
export function ownExchange(parent: Exchange, request: OwnRequest, nowMs: number): Exchange {
  const { headers, path, query } = request;
  for (const name of SHARED) {
    const value = parent.headers.get(name);
    if (value !== undefined) headers.append(name, value);
  }
  const own = new Exchange({
    id: parent.id,
    method: request.method,
    authority: parent.authority,
    host: parent.host,
    path,
    query,
    version: '1.1',
    headers,
    body: request.body,
    client: parent.client,
    peer: parent.peer,
    fromTrustedProxy: parent.fromTrustedProxy,
    clientCertificate: parent.clientCertificate,
    arrival: parent.arrival,
    memo: { forwarding: null, logged: null },
    upgrade: '',
    startedAtMs: nowMs,
    inform: () => {},
  });
  // The service has a name of its own.
  own.targetAuthority = '';
  own.identity = parent.identity;
  own.values = parent.values;
  own.trace = parent.trace;
  own.deadlineAtMs = parent.deadlineAtMs;
  own.isCallersDeadline = parent.isCallersDeadline;
  own.record.route = parent.record.route;
  return own;
}

/** Tells the record of the client's exchange where the request went. */
export function noteRecord({ record }: Exchange, own: Exchange): void {
  const { service, endpoint, picked, attempts, lost, unretried, upstreamMs, reused, grpcStatus } = own.record;
  Object.assign(record, { service, endpoint, picked, lost, unretried, upstreamMs, reused, grpcStatus });
  record.attempts += attempts;
}
