import type { Headers } from '../../../core/headers.ts';
import { parseHttpDate } from './http-date.ts';

/** Longer lists of entity tags match nothing. */
const MOST_TEXT = 8192;
const ENTITY_TAG = /(?:W\/)?"[!#-~\x80-\xff]*"/y;

/** The `ETag` of a response, or null for none and for what is no entity tag (RFC 9110 §8.8.3). */
export function entityTagOf(headers: Headers): string | null {
  const tag = headers.get('etag');
  return tag !== undefined && readTag(tag, 0) === tag ? tag : null;
}

/** Whether both are the same, even if one of them only says that they are as good as the same (RFC 9110 §8.8.3.2). */
export function matchesWeakly(one: string, other: string): boolean {
  return opaqueOf(one) === opaqueOf(other);
}

/** The entity tags of a list, up to the first that is none; `*` is for any (RFC 9110 §13.1.2). */
export function entityTags(list: string): readonly string[] | '*' {
  if (list.length > MOST_TEXT) return [];
  if (list.trim() === '*') return '*';
  const tags: string[] = [];
  for (let at = separatorEnd(list, 0); at < list.length; at = separatorEnd(list, at)) {
    const tag = readTag(list, at);
    if (tag === null) return tags;
    tags.push(tag);
    at += tag.length;
  }
  return tags;
}

/** The `ETag` that two responses have only if they are the same byte for byte (RFC 9110 §8.8.1), or null. */
export function strongEntityTagOf(headers: Headers): string | null {
  const tag = entityTagOf(headers);
  return tag === null || tag.startsWith('W/') ? null : tag;
}

/**
 * A `Last-Modified` that says as much, or null. It does if the response was sent at least a second later, since it could have changed
 * again within the same (RFC 9110 §8.8.2.2).
 */
export function strongDateOf(headers: Headers): string | null {
  const changed = headers.get('last-modified');
  const dateMs = parseHttpDate(headers.get('date') ?? '', 0);
  const changedMs = parseHttpDate(changed ?? '', 0);
  if (changed === undefined || dateMs === null || changedMs === null) return null;
  return dateMs - changedMs >= 1000 ? changed : null;
}

/** What says that two parts are of the same bytes (RFC 9110 §15.3.7.3), or null. */
export function strongValidatorOf(headers: Headers): string | null {
  return headers.has('etag') ? strongEntityTagOf(headers) : strongDateOf(headers);
}

function opaqueOf(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

function readTag(text: string, at: number): string | null {
  ENTITY_TAG.lastIndex = at;
  return ENTITY_TAG.test(text) ? text.slice(at, ENTITY_TAG.lastIndex) : null;
}

function separatorEnd(text: string, from: number): number {
  let at = from;
  while (text[at] === ',' || text[at] === ' ' || text[at] === '\t') at++;
  return at;
}
