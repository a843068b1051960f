import type { Exchange } from '../core/exchange.ts';
import type { Headers } from '../core/headers.ts';
import { VIA } from '../core/http/via.ts';
import { flattened } from '../core/latin1.ts';
import { attemptNumber } from './resilience/attempt-number.ts';

/** How often a request may pass a gateway of this name. */
const MAX_PASSES = 5;
/** What the answer needs to come back. */
const WAY_BACK_MS = 1;
/** Eight digits, the most that `grpc-timeout` has. */
const MAX_WAIT_MS = 99_999_999;

/** The fields of a request that are the same for every endpoint. What is about framing, connections add. */
export function requestFields(exchange: Exchange): string {
  const text = exchange.headers.endToEndLines() + forwardingFields(exchange) + certificateField(exchange);
  return `${text}X-Request-Id: ${exchange.id}\r\nVia: ${VIA}\r\n`;
}

/** What differs from attempt to attempt. */
export interface AttemptFacts {
  /** How often the service may have had the request from us before. */
  readonly repeats: number;
  /** Until nobody waits any more; may be infinite. */
  readonly leftMs: number;
  /** Where the service learns that, in lower case, beside where the caller said it. */
  readonly deadlineHeader: string | null;
}

/** The part of a request head that differs from attempt to attempt; mostly empty. */
export function attemptFields(exchange: Exchange, facts: AttemptFacts): string {
  const { headers, fromTrustedProxy } = exchange;
  const number = facts.repeats + (fromTrustedProxy ? attemptNumber(headers) : 1);
  const numbered = number > 1 ? `X-Gateway-Attempt: ${number}\r\n` : '';
  return facts.leftMs === Infinity ? numbered : numbered + deadlineFields(headers, facts);
}

/** How long we wait for the service, a little less than the caller waits for us, where it or the configuration wants it told. */
function deadlineFields(headers: Headers, { leftMs, deadlineHeader }: AttemptFacts): string {
  const waitMs = Math.min(MAX_WAIT_MS, Math.max(1, Math.floor(leftMs - WAY_BACK_MS)));
  return (
    (headers.has('grpc-timeout') ? `grpc-timeout: ${waitMs}m\r\n` : '') +
    (headers.has('connect-timeout-ms') ? `Connect-Timeout-Ms: ${waitMs}\r\n` : '') +
    (deadlineHeader === null ? '' : `${deadlineHeader}: ${waitMs}\r\n`)
  );
}

/** Whether the request went in circles (RFC 9110 §7.6.3). */
export function isLoop(headers: Headers): boolean {
  const via = headers.getList('via');
  return via !== undefined && via.split(VIA).length > MAX_PASSES;
}

/**
 * Who called us, for the service: `X-Forwarded-*` and `Forwarded` (RFC 7239). What an untrusted client says of itself was
 * not copied; after a trusted proxy we add ourselves to its list and keep what it says of the first hop.
 */
function forwardingFields(exchange: Exchange): string {
  const { peer, arrival, headers, fromTrustedProxy, memo } = exchange;
  if (!fromTrustedProxy) {
    const host = exchange.authority;
    if (memo.forwarding?.authority === host) {
      // The same object again is found to be equal at once.
      memo.forwarding.authority = host;
      return memo.forwarding.text;
    }
    if (host === '') return withoutHost(exchange);
    const text = flattened(
      `X-Forwarded-For: ${peer.address}\r\nX-Forwarded-Proto: ${arrival.scheme}\r\n` +
        `X-Forwarded-Host: ${host}\r\nX-Forwarded-Port: ${arrival.port}\r\n` +
        `Forwarded: for=${forwardedNode(exchange)};host="${host}";proto=${arrival.scheme}\r\n`,
    );
    memo.forwarding = { authority: host, text };
    return text;
  }
  const before = headers.getList('x-forwarded-for');
  const forwarded = headers.getList('forwarded');
  const element = `for=${forwardedNode(exchange)};host="${exchange.authority}";proto=${arrival.scheme}`;
  const prefix = headers.get('x-forwarded-prefix');
  return (
    `X-Forwarded-For: ${before === undefined ? '' : `${before}, `}${peer.address}\r\n` +
    `X-Forwarded-Proto: ${headers.get('x-forwarded-proto') ?? arrival.scheme}\r\n` +
    `X-Forwarded-Host: ${headers.get('x-forwarded-host') ?? exchange.authority}\r\n` +
    `X-Forwarded-Port: ${headers.get('x-forwarded-port') ?? arrival.port}\r\n` +
    (prefix === undefined ? '' : `X-Forwarded-Prefix: ${prefix}\r\n`) +
    `Forwarded: ${forwarded === undefined ? '' : `${forwarded}, `}${element}\r\n`
  );
}

/** The certificate of the client (RFC 9440 §2.1), if it has one and the listener tells services. */
function certificateField({ arrival, clientCertificate }: Exchange): string {
  if (!arrival.forwardsClientCert || clientCertificate === null) return '';
  return `Client-Cert: :${Buffer.from(clientCertificate).toString('base64')}:\r\n`;
}

/** The fields for an HTTP/1.0 client that named no host. */
function withoutHost(exchange: Exchange): string {
  const { peer, arrival } = exchange;
  return (
    `X-Forwarded-For: ${peer.address}\r\nX-Forwarded-Proto: ${arrival.scheme}\r\n` +
    `X-Forwarded-Port: ${arrival.port}\r\n` +
    `Forwarded: for=${forwardedNode(exchange)};proto=${arrival.scheme}\r\n`
  );
}

function forwardedNode({ peer }: Exchange): string {
  return peer.family === 'ipv4' ? peer.address : `"[${peer.address}]"`;
}
