import type { Headers } from '../../../core/headers.ts';
import { entityTagOf, matchesWeakly } from './validators.ts';

/** More entity tags are not asked about at once. */
const MOST_TAGS = 16;

/** Fields of a request that are about what its sender has; a request of our own has its own (RFC 9111 §4.3.1). */
const CONDITIONS = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'range',
];

/** Takes the conditions of a client, and its `Range`, out of a request that is made to fill the cache. */
export function deleteConditions(headers: Headers): void {
  for (const name of CONDITIONS) headers.delete(name);
}

/**
 * Makes a request ask whether what is stored is still the same. `others` are the entity tags of other variants of the same key: the
 * service may choose one of them (RFC 9111 §4.3.1).
 */
export function askConditionally(request: Headers, stored: Headers, others: readonly string[] = []): void {
  deleteConditions(request);
  const own = entityTagOf(stored);
  const tags = new Set([...(own === null ? [] : [own]), ...others]);
  if (tags.size > 0) request.append('If-None-Match', [...tags].slice(0, MOST_TAGS).join(', '));
  const changed = stored.get('last-modified');
  if (changed !== undefined) request.append('If-Modified-Since', changed);
}

/** Whether there is anything to ask with. */
export function hasValidator(stored: Headers): boolean {
  return entityTagOf(stored) !== null || stored.has('last-modified');
}

/**
 * Whether a 304 is about this stored response (RFC 9111 §4.3.4): by its entity tag, else by its time, else, since it was asked with, it is.
 * One that is about something else must not change it: ask again, without conditions.
 */
export function isAbout(notModified: Headers, stored: Headers): boolean {
  const tag = entityTagOf(notModified);
  if (tag !== null) {
    const own = entityTagOf(stored);
    return own !== null && matchesWeakly(tag, own);
  }
  const changed = notModified.get('last-modified');
  return changed === undefined || changed === stored.get('last-modified');
}

/**
 * Whether the answer to a HEAD is about the same as a stored response to GET, so that its fields may be taken over. If not, what is
 * stored is out of date (RFC 9111 §4.3.5).
 */
export function isSameByHead(head: Headers, stored: Headers, storedLength: number): boolean {
  const length = head.get('content-length');
  if (length !== undefined && length !== String(storedLength)) return false;
  return isUnchanged('etag', head, stored) && isUnchanged('last-modified', head, stored);
}

function isUnchanged(name: string, head: Headers, stored: Headers): boolean {
  const value = head.get(name);
  return value === undefined || value === stored.get(name);
}
