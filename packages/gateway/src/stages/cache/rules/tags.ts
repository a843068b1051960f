import type { CacheConfig } from '@turnpike/config';
import {
  addressTag,
  ALL_TAG,
  groupTag,
  prefixesOf,
  prefixTag,
  routeTag,
  serviceTag,
} from '../../../core/cache-tags.ts';
import type { Headers } from '../../../core/headers.ts';
import { originOf } from './address.ts';
import { parseList } from './structured-fields.ts';

/** The response fields in which services name tags; one of its own may be configured. */
const TAG_FIELDS = ['surrogate-key', 'cache-tag'];

/** Characters of all tags of a field that are looked at, tags of a response, and characters of one. */
const MOST_TEXT = 16_384;
const MOST_TAGS = 256;
const MOST_TAG_LENGTH = 256;

/**
 * Everything by which a response can be purged (`core/cache-tags.ts`). Null if its service names more or longer tags than we keep: it must
 * not be stored then, because a purge of the others would not find it.
 */
export function tagsOf(
  headers: Headers,
  { address, route }: { readonly address: string; readonly route: string },
  { tagsHeader }: Pick<CacheConfig, 'tagsHeader'>,
): readonly string[] | null {
  const own = tagsHeader === null ? TAG_FIELDS : [...TAG_FIELDS, tagsHeader];
  const named = own.flatMap((name) => namedTags(headers.getList(name)));
  const tags = new Set([...named.map(serviceTag), ...groupTags(headers.getList('cache-groups'), address)]);
  if (tags.size > MOST_TAGS || named.some((tag) => tag.length > MOST_TAG_LENGTH)) return null;
  return [ALL_TAG, routeTag(route), addressTag(address), ...prefixesOf(address).map(prefixTag), ...tags];
}

/** The groups of a `Cache-Groups` or `Cache-Group-Invalidation` as tags (RFC 9875 §2, §3). A malformed field names none. */
export function groupTags(text: string | undefined, address: string): string[] {
  const origin = originOf(address);
  const members = text === undefined ? [] : (parseList(text) ?? []);
  return members.flatMap((member) => (member.kind === 'string' ? groupTag(origin, member.value) : []));
}

/** Tags between white space or commas. */
function namedTags(text = ''): string[] {
  // More than fits is one tag that is too long.
  return text.length > MOST_TEXT ? [text] : text.split(/[ \t,]+/).filter((tag) => tag !== '');
}
