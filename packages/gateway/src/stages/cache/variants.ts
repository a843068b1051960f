import type { TaggedVariant, VariantWay } from './cached-head.ts';
import type { Headers } from '../../core/headers.ts';
import { strongEntityTagOf } from './rules/validators.ts';

/** A service is asked about so many others; older ones are forgotten. */
const MOST_TAGGED = 8;

/** Characters of a tag that is asked about. Each question has all of them, and services take no head of any size. */
const MOST_TAG = 128;

/**
 * By these, responses differ in what they are for whom, or in their bytes. Services that give all of them one tag are too many to believe
 * one that says that the response of another will do.
 */
const NEVER_CHOSEN: ReadonlySet<string> = new Set(['authorization', 'cookie', 'accept-encoding']);

/** How a variant can be named to its service for other request fields; null: it must not be, or has no strong entity tag of usual length. */
export function taggedVariant(
  { names, whose }: VariantWay,
  key: string,
  headers: Headers,
): TaggedVariant | null {
  const tag = strongEntityTagOf(headers);
  const isFree = whose === 'everybody' && !names.some((name) => NEVER_CHOSEN.has(name));
  return tag === null || tag.length > MOST_TAG || !isFree ? null : { tag, key };
}

/** With one more that can be named, the newest first. */
export function withTagged(
  known: readonly TaggedVariant[],
  tagged: TaggedVariant | null,
): readonly TaggedVariant[] {
  if (tagged === null) return known;
  return [tagged, ...known.filter(({ key }) => key !== tagged.key)].slice(0, MOST_TAGGED);
}
