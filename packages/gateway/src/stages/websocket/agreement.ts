import { hash } from 'node:crypto';
import type { Headers } from '../../core/headers.ts';
import type { AllowedBits } from './frame-rules.ts';
import { listed } from './handshake.ts';

/** RFC 6455 §1.3 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** What the client offered. */
export interface Offer {
  readonly key: string;
  readonly subprotocols: readonly string[];
  readonly hasExtensions: boolean;
}

/** Reads what goes to the service. */
export function offerOf(headers: Headers): Offer {
  return {
    key: headers.get('sec-websocket-key') ?? '',
    subprotocols: listed(headers.getList('sec-websocket-protocol') ?? ''),
    hasExtensions: headers.has('sec-websocket-extensions'),
  };
}

/** What is wrong with the answer of a service to this offer (RFC 6455 §4.1), or null. */
export function disagreement(headers: Headers, offer: Offer): string | null {
  const accept = hash('sha1', offer.key + GUID, 'base64');
  if (headers.getList('sec-websocket-accept') !== accept) return 'Sec-WebSocket-Accept is wrong';
  const subprotocol = headers.getList('sec-websocket-protocol');
  if (subprotocol !== undefined && !offer.subprotocols.includes(subprotocol))
    return 'the subprotocol was not offered';
  if (headers.has('sec-websocket-extensions') && !offer.hasExtensions) return 'no extension was offered';
  return null;
}

/** Which reserved bits the extensions may set that both sides agreed on: of one that we do not know, any. */
export function allowedBits(headers: Headers): AllowedBits {
  const agreed = listed(headers.getList('sec-websocket-extensions') ?? '');
  if (agreed.length === 0) return 0;
  return agreed.every((extension) => /^permessage-deflate\s*(;|$)/i.test(extension)) ? 4 : 7;
}
