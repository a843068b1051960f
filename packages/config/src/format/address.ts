import type { AddressBlock, SocketAddress } from '../resolved.ts';
import { ipFamily } from './ip.ts';
import { type Parsed, refused, understood } from './parsed.ts';

/** `host:port`, `:8080` (every address), `[::1]:80`. Port 0 is any free port. */
export function parseAddress(text: string): Parsed<SocketAddress> {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  if (digits === undefined) {
    if (ipFamily(text) === 'ipv6') return refused('is an IPv6 address without port', `[${text}]:8080`);
    if (/^\d+$/.test(text)) return refused('has no colon', `:${text}`);
    return refused('has no port', /^[\w.-]+$/.test(text) ? `${text}:8080` : undefined);
  }
  const port = Number(digits);
  if (port > 65_535) return refused('has a port above 65535');
  if (bracketed !== undefined) {
    return ipFamily(bracketed) === 'ipv6'
      ? understood({ host: bracketed, port })
      : refused('has something else than an IPv6 address between its brackets');
  }
  const host = plain ?? '';
  return isHostName(host) ? understood({ host, port }) : refused('has a malformed host');
}

/** A name (RFC 1123) or an IPv4 address; `''` is every address. Four numbers must be an address. */
function isHostName(host: string): boolean {
  if (host === '') return true;
  if (/^[\d.]+$/.test(host)) return ipFamily(host) !== null;
  return /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i.test(host) && !host.includes('..');
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. */
export function parseAddressBlock(text: string): Parsed<AddressBlock> {
  const [, address = '', digits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = ipFamily(address);
  if (family === null) return refused('is neither an IPv4 nor an IPv6 address');
  const most = family === 'ipv4' ? 32 : 128;
  const prefixLength = digits === undefined ? most : Number(digits);
  if (prefixLength > most) return refused(`has a prefix longer than ${most}`);
  return understood({ address, prefixLength, family });
}

/** An address, a block of them, or a list by its name. */
export type AddressRule = AddressBlock | { readonly list: string };

/** The same as a block, or `@name` of a list. */
export function parseAddressRule(text: string): Parsed<AddressRule> {
  return text.startsWith('@') && text.length > 1
    ? understood({ list: text.slice(1) })
    : parseAddressBlock(text);
}
