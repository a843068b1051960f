import type { Headers } from '../../../core/headers.ts';
import { stringItem } from './structured-fields.ts';

/** What the cache did, as `Cache-Status` tells it (RFC 9211 §2). */
export type CacheOutcome =
  | {
      readonly kind: 'hit';
      /** How long it is fresh still; negative if it is stale. */
      readonly ttlMs: number;
    }
  | {
      readonly kind: 'forwarded';
      readonly reason: ForwardReason;
      /** Of the answer of the service, if it is not the one that goes on; null for the same. */
      readonly status: number | null;
      /** How long what was validated or stored is fresh; null if nothing is. */
      readonly ttlMs: number | null;
      readonly storing: 'stored' | 'not';
      /** Whether somebody else asked, and this one waited. */
      readonly waiting: 'collapsed' | 'alone';
    };

/** Why the service was asked (RFC 9211 §2.2). */
export type ForwardReason =
  | 'bypass'
  | 'method'
  | 'uri-miss'
  | 'vary-miss'
  | 'miss'
  | 'request'
  | 'stale'
  | 'partial';

/** By that name we are known in lists of caches. */
const CACHE_NAME = 'Turnpike';

/** One member of the list. `detail` is a token of ours, or `''`; `key` only if somebody asked for it. */
export function cacheStatusMember(outcome: CacheOutcome, detail = '', key: string | null = null): string {
  const more = `${detail === '' ? '' : `; detail=${detail}`}${key === null ? '' : `; key=${stringItem(key)}`}`;
  if (outcome.kind === 'hit') return `${CACHE_NAME}; hit${ttl(outcome.ttlMs)}${more}`;
  const { reason, status, ttlMs, storing, waiting } = outcome;
  const forwarded = `; fwd=${reason}${status === null ? '' : `; fwd-status=${status}`}`;
  const stored = `${ttl(ttlMs)}${storing === 'stored' ? '; stored' : ''}${waiting === 'collapsed' ? '; collapsed' : ''}`;
  return `${CACHE_NAME}${forwarded}${stored}${more}`;
}

/** Adds what we did behind what caches nearer to the service did (RFC 9211 §2). */
export function appendCacheStatus(headers: Headers, member: string): void {
  headers.append('Cache-Status', member);
}

/** Whole seconds, rounded down, as `Age` is. */
function ttl(ttlMs: number | null): string {
  return ttlMs === null ? '' : `; ttl=${Math.floor(ttlMs / 1000)}`;
}
