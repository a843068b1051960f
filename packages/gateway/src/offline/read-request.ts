import { isIPv4 } from 'node:net';
import type { ListenerConfig } from '@turnpike/config';
import { addressSet } from '../core/address-set.ts';
import type { ErrorCode } from '../core/errors.ts';
import { Exchange, type ClientAddress } from '../core/exchange.ts';
import { deleteNamed } from '../core/headers.ts';
import { callerOf } from '../core/http/forwarded.ts';
import { RequestHead } from '../wire/http1/request-head.ts';
import { bodyFrom } from './bytes-body.ts';
import type { OfflineRequest } from './offline-types.ts';

/** An exchange, or why the request is refused before it is one. */
export type ReadRequest =
  | { readonly kind: 'read'; readonly exchange: Exchange }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

/** What is given to every request. */
export interface RequestStamp {
  readonly id: string;
  readonly nowMs: number;
}

/**
 * Reads requests of a listener with the parser that reads them from sockets, and under the same limits: what is malformed or
 * ambiguous is refused here as it is there.
 */
export function requestReader(
  listener: ListenerConfig,
): (request: OfflineRequest, stamp: RequestStamp) => ReadRequest {
  const head = new RequestHead();
  const isTrustedAddress = addressSet(listener.trustedProxies);
  const { id, tls, address, limits } = listener;
  const arrival = {
    listener: id,
    scheme: tls === null ? 'http' : 'https',
    port: address.port,
    bodyBytes: limits.bodyBytes,
    forwardedClientCert: listener.forwardedClientCert,
    forwardsClientCert: tls?.clientCertificates?.forward === true,
  } as const;

  return (request, stamp) => {
    const bytes = Buffer.from(headText(request), 'latin1');
    if (bytes.length > limits.headerBytes) return { kind: 'refused', code: 'HEAD_TOO_LARGE' };
    const refusal = head.parse(bytes, 0, bytes.length, limits);
    if (refusal !== null) return { kind: 'refused', code: refusal };
    const { method, authority, host, path, query, headers, framing } = head;
    if (framing.connectionNames !== null) deleteNamed(headers, framing.connectionNames);
    const peer = clientAddress(request.peer);
    const isTrusted = isTrustedAddress(peer);
    const body = bodyFrom(request.body);
    const exchange = new Exchange({
      id: (isTrusted ? headers.get('x-request-id') : undefined) ?? stamp.id,
      method,
      authority,
      host,
      path,
      query,
      version: request.version,
      headers,
      body,
      client: isTrusted ? callerOf(headers, peer, { isTrusted: isTrustedAddress }) : peer,
      peer,
      fromTrustedProxy: isTrusted,
      clientCertificate: request.clientCertificate,
      arrival,
      memo: { forwarding: null, logged: null },
      upgrade: framing.upgradeToken && body === null ? framing.upgrade : '',
      startedAtMs: stamp.nowMs,
      inform: () => {},
    });
    exchange.record.requestBytes = request.body.length;
    return { kind: 'read', exchange };
  };
}

/** As a client of HTTP/1.1 would write it. */
function headText({ method, target, authority, headers, body }: OfflineRequest): string {
  const has = (name: string) => headers.some(([spelling]) => spelling.toLowerCase() === name);
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const host = has('host') ? '' : `Host: ${authority}\r\n`;
  const isFramed = has('content-length') || has('transfer-encoding');
  const length = body.length === 0 || isFramed ? '' : `Content-Length: ${body.length}\r\n`;
  return `${method} ${target} HTTP/1.1\r\n${host}${lines}${length}\r\n`;
}

function clientAddress(address: string): ClientAddress {
  return { address, family: isIPv4(address) ? 'ipv4' : 'ipv6', port: 40_000 };
}
