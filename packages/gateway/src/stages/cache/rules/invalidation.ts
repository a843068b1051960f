import { addressTag } from '../../../core/cache-tags.ts';
import type { Headers } from '../../../core/headers.ts';
import { sameOriginAddress } from './address.ts';
import { groupTags } from './tags.ts';

/** Methods that change nothing (RFC 9110 §9.2.1 and the registry). Of all others we do not know. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'REPORT', 'SEARCH']);

/** More groups of one response are not looked at: it would be an attack. */
const MOST_GROUPS = 256;

export function isSafe(method: string): boolean {
  return SAFE.has(method);
}

/**
 * The tags of what an answer makes out of date (RFC 9111 §4.4): after an unsafe method that did not fail, its address and what `Location`
 * and `Content-Location` mean, if they are of the same origin; and the groups that it names (RFC 9875 §3). Other origins are left alone, or
 * one could empty what belongs to another.
 */
export function invalidatedTags(
  method: string,
  answer: { readonly status: number; readonly headers: Headers },
  address: string,
): string[] {
  const { status, headers } = answer;
  if (isSafe(method) || status < 200 || status > 399) return [];
  const addresses = new Set([address]);
  for (const name of ['location', 'content-location']) {
    const meant = sameOriginAddress(headers.get(name) ?? '', address);
    if (meant !== null) addresses.add(meant);
  }
  const groups = groupTags(headers.getList('cache-group-invalidation'), address).slice(0, MOST_GROUPS);
  return [...Array.from(addresses, addressTag), ...groups];
}
