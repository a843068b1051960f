import { isIPv4, isIPv6 } from 'node:net';
import type { ClientAddress } from '../core/exchange.ts';
import { latin1 } from '../core/latin1.ts';

/** A PROXY protocol header that was read. */
export interface ProxyHeader {
  /** Who the proxy speaks for; null when it speaks for itself (health checks). */
  readonly source: ClientAddress | null;
  /** Bytes of the header. */
  readonly length: number;
}

const V1_MAX_BYTES = 107;
const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_FIXED_BYTES = 16;
/** Addresses of the largest kind that we read, and room for extensions that we skip. */
const V2_MAX_BYTES = V2_FIXED_BYTES + 520;

/** Reads the header at the start of `bytes`: 'more' if it is not complete, 'bad' if it never will be one. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  const probe = Math.min(bytes.length, V2_SIGNATURE.length);
  if (bytes.compare(V2_SIGNATURE, 0, probe, 0, probe) === 0) {
    return probe < V2_SIGNATURE.length ? 'more' : parseBinary(bytes);
  }
  return parseText(bytes);
}

/** `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n` */
function parseText(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  const start = latin1(bytes, 0, Math.min(bytes.length, V1_MAX_BYTES));
  if (!'PROXY '.startsWith(start.slice(0, 6))) return 'bad';
  const end = start.indexOf('\r\n');
  if (end === -1) return bytes.length >= V1_MAX_BYTES ? 'bad' : 'more';
  const length = end + 2;
  const [, protocol, address = '', to = '', port = '', toPort = '', ...rest] = start.slice(0, end).split(' ');
  if (protocol === 'UNKNOWN') return { source: null, length };
  const isFour = protocol === 'TCP4' && isIPv4(address) && isIPv4(to);
  const isSix = protocol === 'TCP6' && isIPv6(address) && isIPv6(to);
  if ((!isFour && !isSix) || rest.length > 0 || !isPort(port) || !isPort(toPort)) return 'bad';
  return { source: { address, family: isFour ? 'ipv4' : 'ipv6', port: Number(port) }, length };
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

/** Version 2: command and family in two bytes, then lengths and addresses in network order. */
function parseBinary(bytes: Buffer): ProxyHeader | 'more' | 'bad' {
  if (bytes.length < V2_FIXED_BYTES) return 'more';
  const versionAndCommand = bytes.readUInt8(12);
  const familyAndProtocol = bytes.readUInt8(13);
  const length = V2_FIXED_BYTES + bytes.readUInt16BE(14);
  if (versionAndCommand >> 4 !== 2 || length > V2_MAX_BYTES) return 'bad';
  if (bytes.length < length) return 'more';
  const command = versionAndCommand & 0xf;
  if (command === 0) return { source: null, length };
  if (command !== 1) return 'bad';
  if (familyAndProtocol === 0x11 && length >= V2_FIXED_BYTES + 12) {
    const address = [...bytes.subarray(16, 20)].join('.');
    return { source: { address, family: 'ipv4', port: bytes.readUInt16BE(24) }, length };
  }
  if (familyAndProtocol === 0x21 && length >= V2_FIXED_BYTES + 36) {
    const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(16 + i * 2).toString(16));
    return { source: { address: groups.join(':'), family: 'ipv6', port: bytes.readUInt16BE(48) }, length };
  }
  // Unix sockets and unspecified addresses say nothing about a client that we could use.
  return familyAndProtocol === 0 ? { source: null, length } : 'bad';
}
