import { groupTag, prefixesOf, prefixTag, routeTag, serviceTag, ALL_TAG } from '../core/cache-tags.ts';
import { addressFrom, originOf } from '../stages/cache/rules/address.ts';

/** What of the cache is meant, in the words of who asked and as its tag. */
export type CacheSelection =
  /** Routes have tags of their own for an address, where not all of its query counts. */
  | { readonly by: 'address'; readonly value: string }
  | { readonly by: 'route'; readonly value: string; readonly tag: string }
  | { readonly by: 'prefix' | 'tag' | 'all'; readonly value: string; readonly tag: string }
  | { readonly by: 'group'; readonly value: string; readonly origin: string; readonly tag: string };

/** Members of a request that say what is meant. */
export const SELECTORS = ['address', 'prefix', 'tag', 'group', 'route', 'all'] as const;

/** A request that says it well, or what is wrong with it. */
export type ReadSelection =
  | { readonly ok: true; readonly selection: CacheSelection | null }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Longer texts are nothing that was stored. */
const MOST_TEXT = 8192;
const MOST_TAG_LENGTH = 256;

/** Reads which one of `SELECTORS` is given; null: none. `origin` goes with a group. */
export function readSelection(given: Readonly<Record<string, unknown>>): ReadSelection {
  const named = SELECTORS.filter((name) => Object.hasOwn(given, name));
  const [by] = named;
  if (named.length > 1) return faulty(`${named.join(' and ')} are too much: give one of them`);
  if (Object.hasOwn(given, 'origin') && by !== 'group') return faulty('origin only goes with a group');
  if (by === undefined) return { ok: true, selection: null };
  if (by === 'all') return given['all'] === true ? chosen(ALL) : faulty('all can only be true');
  const value = given[by];
  if (typeof value !== 'string' || value === '' || value.length > MOST_TEXT)
    return faulty(`${by} must be a text of 1 to ${MOST_TEXT} characters`);
  switch (by) {
    case 'address':
      return readAddress(value);
    case 'prefix':
      return readPrefix(value);
    case 'tag':
      return readTag(value);
    case 'group':
      return readGroup(value, given['origin']);
    case 'route':
      return chosen({ by, value, tag: routeTag(value) });
    default:
      return by satisfies never;
  }
}

const ALL: CacheSelection = { by: 'all', value: 'all', tag: ALL_TAG };

function readAddress(text: string): ReadSelection {
  const value = addressFrom(text);
  if (value === null) return faulty(`address must be like https://shop.example/path?query: ${quoted(text)}`);
  return chosen({ by: 'address', value });
}

/** Deep paths are purged with one of the levels above them, so that is what is answered. */
function readPrefix(text: string): ReadSelection {
  const address = addressFrom(text);
  if (address === null || address.includes('?'))
    return faulty(`prefix must be like https://shop.example/images/: ${quoted(text)}`);
  if (!address.endsWith('/'))
    return faulty(
      `prefix must end with a slash: ${address}/ is what lies below ${address}, which is an address`,
    );
  const value = prefixesOf(address).at(-1) ?? address;
  return chosen({ by: 'prefix', value, tag: prefixTag(value) });
}

/** Fields come as bytes, one a character. */
function readTag(value: string): ReadSelection {
  const bytes = Buffer.from(value).toString('latin1');
  if (bytes.length > MOST_TAG_LENGTH || /[\s,\p{Cc}]/u.test(value))
    return faulty(`tag must have up to ${MOST_TAG_LENGTH} bytes, without spaces and commas`);
  return chosen({ by: 'tag', value, tag: serviceTag(bytes) });
}

function readGroup(value: string, given: unknown): ReadSelection {
  const address = typeof given === 'string' ? addressFrom(given) : null;
  if (address === null)
    return faulty('group needs the origin that it belongs to, such as "origin": "https://shop.example"');
  const origin = originOf(address);
  if (address !== `${origin}/`) return faulty(`origin must be without a path: ${origin}`);
  return chosen({ by: 'group', value, origin, tag: groupTag(origin, value) });
}

function chosen(selection: CacheSelection): ReadSelection {
  return { ok: true, selection };
}

function faulty(fault: string): ReadSelection {
  return { ok: false, faults: [fault] };
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
