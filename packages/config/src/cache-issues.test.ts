import { describeFaults, describeWarnings, type Row } from '../test/faults.ts';

/** A route to a service, with a policy. */
function cached(text: string): string {
  return `services: { s: { endpoints: [http://a] } }\nroutes: { r: { service: s, policies: { ${text} } } }`;
}

/** A route that answers by itself. */
function answered(text: string): string {
  return `routes: { r: { respond: { status: 200 }, policies: { ${text} } } }`;
}

const ERRORS: Readonly<Record<string, readonly Row[]>> = {
  cache: [
    [answered('»cache: {}'), 'CONFLICT'],
    [cached('cache: { store: »redis }'), 'CONFLICT'],
    [cached('cache: { store: »disk }'), 'BAD_VALUE'],
    ['stores: { cache: { warmStart: »cache.bin } }', 'WRONG_TYPE'],
    ['stores: { cache: { »warmStart: { every: 1m } } }', 'MISSING_KEY'],
    ['stores: { cache: { warmStart: { file: cache.bin, size: »1 } } }', 'OUT_OF_RANGE'],
    [cached('cache: { size: »1KiB }'), 'OUT_OF_RANGE'],
    [cached('cache: { maxObjectBytes: »0 }'), 'OUT_OF_RANGE'],
    [cached('cache: { minUses: »0 }'), 'OUT_OF_RANGE'],
    [cached('cache: { defaultTtl: »soon }'), 'BAD_VALUE'],
    [cached('cache: { ttl: { »99: 1s } }'), 'BAD_VALUE'],
    [cached('cache: { ttl: { 404: »forever } }'), 'BAD_VALUE'],
    [cached('cache: { key: { headers: [»authorization] } }'), 'BAD_VALUE'],
    [cached('cache: { key: { identity: »sometimes } }'), 'BAD_VALUE'],
    [cached('cache: { tags: »surrogate-key }'), 'BAD_VALUE', 'header:surrogate-key'],
    [cached('cache: { setCookie: »share }'), 'BAD_VALUE'],
    [cached('cache: { »maxAge: 5s }'), 'UNKNOWN_KEY'],
  ],
  stores: [
    [`stores: { cache: { size: »1KiB } }\n${cached('cache: {}')}`, 'OUT_OF_RANGE'],
    [`stores: { cache: { »bytes: 1 } }\n${cached('cache: {}')}`, 'UNKNOWN_KEY'],
  ],
};

describeFaults(ERRORS);
describeWarnings(
  [
    [cached('cache: { headErrors: »explicit }'), 'INSECURE'],
    [cached('cache: { setCookie: »keep }'), 'INSECURE'],
  ],
  [cached('cache: { headErrors: refuse, setCookie: strip }')],
);
