import { isIP, isIPv4 } from 'node:net';
import type { ClientAddress } from '../exchange.ts';
import type { Headers } from '../headers.ts';

/** Whose word is taken. */
export interface Trust {
  isTrusted(address: ClientAddress): boolean;
}

const MAX_HOPS = 64;
const FORWARDED_FOR = /(?:^|;)\s*for\s*=\s*(?:"([^"\\]*)"|([^\s;"]+))/i;

/**
 * The caller behind trusted proxies: walks `X-Forwarded-For` (or `Forwarded`, RFC 7239 §5.2, without it) from the right
 * past the proxies that we trust; the first other address is the caller. An entry that is no address ends the walk: what
 * stands left of it could have been written by anybody.
 */
export function callerOf(headers: Headers, peer: ClientAddress, trust: Trust): ClientAddress {
  const hops = hopsOf(headers);
  let caller = peer;
  for (let i = hops.length - 1; i >= 0 && hops.length - i <= MAX_HOPS; i--) {
    const hop = parseNode(hops[i] ?? '');
    if (hop === undefined) break;
    caller = hop;
    if (!trust.isTrusted(hop)) break;
  }
  return caller;
}

function hopsOf(headers: Headers): string[] {
  const list = headers.getList('x-forwarded-for');
  if (list !== undefined) return list.split(',');
  const forwarded = headers.getList('forwarded');
  if (forwarded === undefined) return [];
  return forwarded.split(',').map((element) => {
    const found = FORWARDED_FOR.exec(element);
    return found?.[1] ?? found?.[2] ?? '';
  });
}

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80` (RFC 7239 §6). */
function parseNode(text: string): ClientAddress | undefined {
  const node = text.trim();
  const bracketed = /^\[([0-9a-fA-F:.]{2,45})\](?::(\d{1,5}))?$/.exec(node);
  const withPort = bracketed ?? /^([0-9.]{7,15}):(\d{1,5})$/.exec(node);
  const address = withPort?.[1] ?? node;
  if (isIP(address) === 0) return undefined;
  return { address, family: isIPv4(address) ? 'ipv4' : 'ipv6', port: Number(withPort?.[2] ?? 0) };
}
