import { createHash, randomBytes } from 'node:crypto';
import type { Exchange, Reply } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';

/** Names the protocol in the handshake (RFC 6455 §1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY_BYTES = 16;

/**
 * Adds what a handshake of HTTP/1.1 has besides the fields of an extended CONNECT (RFC 8441 §5): the service, and every
 * policy on the way, sees the one kind of handshake that all of them know.
 */
export function addHandshake(headers: Headers): void {
  headers.set('sec-websocket-key', randomBytes(KEY_BYTES).toString('base64'));
  if (!headers.has('sec-websocket-version')) headers.append('sec-websocket-version', '13');
}

/** The reply to the client, or null if the service did not answer our key: it is no WebSocket endpoint. */
export function acceptedTunnel({ headers }: Exchange, reply: Reply): Reply | null {
  const key = headers.get('sec-websocket-key') ?? '';
  if (reply.headers.get('sec-websocket-accept') !== acceptOf(key)) return null;
  const told = reply.headers.share();
  told.delete('sec-websocket-accept');
  return { ...reply, status: 200, headers: told };
}

/** The answer to a key (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}
