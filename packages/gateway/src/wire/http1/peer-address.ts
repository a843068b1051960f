import type { Socket } from 'node:net';
import type { ClientAddress } from '../../core/exchange.ts';

/** The other end of a socket; an IPv4 address stays one where both kinds come in by one door. */
export function peerAddress({ remoteAddress = '', remoteFamily, remotePort = 0 }: Socket): ClientAddress {
  const isMapped = remoteAddress.startsWith('::ffff:') && remoteAddress.includes('.');
  const address = isMapped ? remoteAddress.slice(7) : remoteAddress;
  const family = isMapped || remoteFamily === 'IPv4' ? 'ipv4' : 'ipv6';
  return { address, family, port: remotePort };
}
