import { isIP, isIPv4 } from 'node:net';
import type { ClientAddress } from '../exchange.ts';
import type { Headers } from '../headers.ts';

/** Whose word is taken. */
export interface Trust {
  isTrusted(address: ClientAddress): boolean;
}

const MAX_HOPS = 64;
const FOR = /^\s*for\s*=\s*(?:"([^"\\]*)"|([^\s";]+))\s*$/i;

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
  return partsOf(forwarded, ',').map(nodeOf);
}

/** Who an element of `Forwarded` says it came from, if it says so exactly once, or `''`. */
function nodeOf(element: string): string {
  const nodes = partsOf(element, ';').flatMap((pair) => {
    const [, quoted, plain] = FOR.exec(pair) ?? [];
    return quoted ?? plain ?? [];
  });
  return nodes.length === 1 ? (nodes[0] ?? '') : '';
}

/**
 * The last parts of a list. What is quoted is no separator: proxies quote the `Host` that a client made up. It is read from
 * the right, so that a quote that a client left open does not reach into what a proxy wrote behind it.
 */
function partsOf(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let end = text.length;
  let isQuoted = false;
  for (let at = end - 1; at >= 0 && parts.length < MAX_HOPS; at--) {
    if (text[at] === '"' && !isEscaped(text, at)) isQuoted = !isQuoted;
    if (text[at] !== separator || isQuoted) continue;
    parts.push(text.slice(at + 1, end));
    end = at;
  }
  if (parts.length < MAX_HOPS) parts.push(text.slice(0, end));
  return parts.toReversed();
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text[from - 1] === '\\') from--;
  return (at - from) % 2 === 1;
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
