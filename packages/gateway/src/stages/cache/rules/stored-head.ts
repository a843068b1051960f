import type { CacheConfig } from '@turnpike/config';
import { NOT_FORWARDED } from '../../../core/header-names.ts';
import { Headers } from '../../../core/headers.ts';
import { httpDate } from '../../../core/http/date.ts';
import type { Timing } from './age.ts';
import type { Answer } from './freshness.ts';

/**
 * Fields of one message or one connection, beside those that no message takes along (RFC 9111 §3.1). `Age` is worked out anew, and trailers
 * are not stored.
 */
const NOT_STORED = new Set(['age', 'proxy-authentication-info', 'trailer']);

/** What a 304 does not change: it is about the body that is stored, or for one client only (RFC 9111 §3.2). */
const NOT_UPDATED = new Set([
  'content-length',
  'content-encoding',
  'content-range',
  'content-md5',
  'content-digest',
  'set-cookie',
]);

/**
 * The fields of an answer that are stored. Those that it wants to be withheld are not, nor, with `setCookie: strip`, are cookies. What
 * `Connection` names is gone since it was read. Without a `Date` it gets that of its arrival (RFC 9110 §6.6.1).
 */
export function storedFields(
  { headers, directives }: Answer,
  { answeredAtMs }: Timing,
  { setCookie }: Pick<CacheConfig, 'setCookie'>,
): Headers {
  const stored = new Headers();
  for (const [i, name] of headers.names.entries()) {
    const { lower, flags } = name;
    const isCookie = setCookie === 'strip' && lower === 'set-cookie';
    const isWithheld = isCookie || directives.withheldFields.includes(lower);
    if (isWithheld || NOT_STORED.has(lower) || (flags & NOT_FORWARDED) !== 0) continue;
    stored.appendNamed(name, headers.values[i] ?? '');
  }
  if (!stored.has('date')) stored.append('Date', httpDate(answeredAtMs));
  return stored;
}

/**
 * The fields of a stored response after a 304, or a HEAD that is about the same (RFC 9111 §3.2): each that came replaces those of its
 * name. Goes the way of any other answer then: directives, freshness, `storedFields`.
 */
export function updatedFields(stored: Headers, news: Headers): Headers {
  const updated = new Headers();
  for (const [i, name] of stored.names.entries()) {
    // A `Date` of before says nothing of the answer now.
    const isReplaced = name.lower === 'date' || (isUpdate(name.lower) && news.has(name.lower));
    if (!isReplaced) updated.appendNamed(name, stored.values[i] ?? '');
  }
  for (const [i, name] of news.names.entries()) {
    if (isUpdate(name.lower)) updated.appendNamed(name, news.values[i] ?? '');
  }
  return updated;
}

function isUpdate(lower: string): boolean {
  return !NOT_UPDATED.has(lower);
}
