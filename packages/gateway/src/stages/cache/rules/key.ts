import type { CacheKeyConfig } from '@turnpike/config';
import { hash } from 'node:crypto';
import { MOST_KEY_BYTES } from '../../../core/cache-memory.ts';
import type { Headers } from '../../../core/headers.ts';
import { cookieValues } from '../../../core/http/cookies.ts';
import { onlyParameters } from '../../../core/http/query.ts';
import { variantText } from './vary.ts';

/** What tells requests of a route apart. */
export interface KeyRequest {
  /** `scheme://authority/path` with its query, as `addressOf` writes it. */
  readonly address: string;
  readonly headers: Headers;
  /** Of the body of a QUERY; null for all other methods. */
  readonly bodyDigest: string | null;
}

/**
 * Makes the keys of a route. Each thing that counts is a line of its own, in an order that is the same for all requests, and nothing that
 * counts has a line feed in it; so two requests have the same key only if all of it is the same. GET and HEAD have the same.
 */
export function keyMaker(config: CacheKeyConfig, route: string): (request: KeyRequest) => string {
  const { headers: names, cookies, ordered } = config;

  return ({ address, headers, bodyDigest }) => {
    let key = `${route}\n${ordered ? address : sorted(address)}`;
    if (names.length > 0) key += variantText(names, headers);
    for (const cookie of cookies) key += cookieLine(headers, cookie);
    if (bodyDigest !== null) key += `\n#${bodyDigest}`;
    return bounded(key);
  };
}

/**
 * Takes out of a query what does not count. The address of a request has the rest, and so does the request to the service: what a
 * service can see and no key has in it, anybody could use to put something of theirs into what all others get.
 */
export function countedQuery({ query: names }: CacheKeyConfig): (query: string) => string {
  if (names === null) return (query) => query;
  // Decoded names are bytes, one a character.
  const wanted = new Set(names.map((name) => Buffer.from(name).toString('latin1')));
  return (query) => (query === '' ? '' : onlyParameters(query, (name) => wanted.has(name)));
}

/** The key of one variant: what the request has in the fields by which responses vary, and for whom it is (null: for all). */
export function variantKey(
  primary: string,
  { names, headers }: { readonly names: readonly string[]; readonly headers: Headers },
  caller: string | null,
): string {
  // A form feed is in no value, so this is no key of another request. Callers have any names, which are nobody's business.
  const whose = caller === null ? '-' : digest(caller);
  return bounded(`${primary}\f${whose}\f${names.join(',')}${variantText(names, headers)}`);
}

/**
 * Fields that make some services do something else than the request says. The wire lets none of those through that say where it came from
 * (`X-Forwarded-Host`, `X-Host`, `X-Original-URL`, `X-Rewrite-URL`, `X-Forwarded-Scheme`, …); these it does.
 */
const OVERRIDES = [
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-forwarded-path',
  'x-forwarded-ssl',
  'x-original-host',
  'x-forwarded-url',
  'x-url-scheme',
  'front-end-https',
];

/** Takes such fields out of a request that is made to fill the cache, unless they are part of the key. */
export function deleteOverrides(headers: Headers, { headers: keyed }: CacheKeyConfig): void {
  for (const name of OVERRIDES) {
    if (!keyed.includes(name)) headers.delete(name);
  }
}

function cookieLine(headers: Headers, name: string): string {
  const values = cookieValues(headers, name);
  return values.length === 0 ? '\n-' : `\n=${values.join(';')}`;
}

/** The same for every order of the parameters; those of one name stay in theirs. */
function sorted(address: string): string {
  const question = address.indexOf('?');
  if (question === -1 || !address.includes('&', question)) return address;
  const pairs = address
    .slice(question + 1)
    .split('&')
    .map((pair) => [pair.split('=', 1)[0] ?? '', pair] as const);
  pairs.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return `${address.slice(0, question + 1)}${pairs.map(([, pair]) => pair).join('&')}`;
}

/** A key that is too long becomes its digest, behind a line feed, with which no other begins. */
function bounded(key: string): string {
  return key.length <= MOST_KEY_BYTES ? key : `\n${digest(key)}`;
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}
