/**
 * By which tags a response can be purged, beside those that the service gives it: all that is stored, its address, and
 * each path above it. So one look at a number tells whether a purge met a response, however many a purge is about.
 */

/** Everything that is stored. */
export const ALL_TAG = '*';

/** More levels of a path are purged with the level that is the last. */
const MOST_LEVELS = 16;

/** What is stored for an address, in all its variants. */
export function addressTag(address: string): string {
  return `a ${address}`;
}

/** What a service calls a tag; case matters. */
export function serviceTag(tag: string): string {
  return `t ${tag}`;
}

/** All responses of a group of the same origin (RFC 9875). */
export function groupTag(origin: string, group: string): string {
  return `g ${origin} ${group}`;
}

/** What a route stored. */
export function routeTag(route: string): string {
  return `r ${route}`;
}

/**
 * What lies at and below a path, which ends with a slash, such as `https://shop.example/images/`. The path is normalised, as
 * everywhere.
 */
export function prefixTag(prefix: string): string {
  return `p ${prefix}`;
}

/** The prefixes above an address, outermost first: `https://shop.example/`, `https://shop.example/images/`, … */
export function prefixesOf(address: string): string[] {
  const prefixes: string[] = [];
  const query = address.indexOf('?');
  const end = query < 0 ? address.length : query;
  let from = address.indexOf('/', address.indexOf('://') + 3);
  while (from >= 0 && from < end && prefixes.length < MOST_LEVELS) {
    prefixes.push(address.slice(0, from + 1));
    from = address.indexOf('/', from + 1);
  }
  return prefixes;
}
