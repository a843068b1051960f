import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random, type Random } from '../../../core/random.ts';
import { bornAtMsOf } from './age.ts';
import { verdictOf } from './conditions.ts';
import { contentRangeOf } from './content-range.ts';
import { MOST_SECONDS, parseDirectives } from './directives.ts';
import { freshnessOf } from './freshness.ts';
import { parseHttpDate } from './http-date.ts';
import { invalidatedTags } from './invalidation.ts';
import { searchRuleOf } from './no-vary-search.ts';
import { wantedBytes } from './ranges.ts';
import { requestDirectivesOf } from './request-directives.ts';
import { AT_ONCE, answerOf, cacheConfig, fields, freshnessFrom, NOW_MS } from './rules-testing.ts';
import { storingOf } from './storable.ts';
import { parseDictionary, parseList } from './structured-fields.ts';
import { tagsOf } from './tags.ts';
import { entityTags } from './validators.ts';
import { variantText, varyingFields } from './vary.ts';

const ADDRESS = 'https://shop.example/a?b';
const PIECES = [
  'max-age',
  's-maxage',
  'no-store',
  'private',
  'public',
  'no-cache',
  'stale-if-error',
  '=',
  ',',
  ';',
  '"',
  '\\',
  ' ',
  '\t',
  '(',
  ')',
  '*',
  '?1',
  '-',
  '0',
  '5',
  '99999999999',
  '1.5',
  'W/',
  '"a"',
  'bytes',
  '0-4/10',
  'gzip',
  'q',
  'Sun, 06 Nov 1994 08:49:37 GMT',
  '\xe9',
  '\x80',
  '%',
  '&',
  '//',
  'http://',
  ':',
  '@',
  'x',
  'A',
];

function someText({ below }: Random): string {
  return Array.from({ length: below(14) }, () => PIECES[below(PIECES.length)]).join('');
}

/** Everything that reads what a client or a service wrote. */
function readAll(text: string): void {
  const request = fields(
    `Cache-Control: ${text}`,
    `If-None-Match: ${text}`,
    `If-Modified-Since: ${text}`,
    `Foo: ${text}`,
    `Accept-Encoding: ${text}`,
    `Accept-Language: ${text}`,
  );
  const answer = answerOf(
    `Cache-Control: ${text}`,
    `CDN-Cache-Control: ${text}`,
    `Expires: ${text}`,
    `Age: ${text}`,
    `Date: ${text}`,
    `Last-Modified: ${text}`,
    `Vary: ${text}`,
    `Content-Range: ${text}`,
    `Location: ${text}`,
    `Cache-Groups: ${text}`,
    `Surrogate-Key: ${text}`,
    `ETag: ${text}`,
    `No-Vary-Search: ${text}`,
  );
  const config = cacheConfig({ heuristic: true });
  const freshness = freshnessOf(answer, AT_ONCE, config);
  const wishes = requestDirectivesOf(request);
  assert.ok(freshness.lifetimeMs >= 0 && freshness.lifetimeMs <= MOST_SECONDS * 1000, text);
  assert.ok(Number.isFinite(freshness.bornAtMs) && freshness.bornAtMs <= NOW_MS, text);
  storingOf(
    { method: 'GET', headers: request, wishes, hasBody: false, caller: 'unknown' },
    { ...answer, timing: AT_ONCE, freshness },
    config,
  );
  verdictOf(request, answer, NOW_MS);
  variantText(['foo', 'accept-encoding', 'accept-language'], request);
  varyingFields(answer.headers);
  contentRangeOf(answer.headers);
  wantedBytes(`bytes=${text}`, 10);
  invalidatedTags('POST', answer, ADDRESS);
  tagsOf(answer.headers, { address: ADDRESS, route: 'r' }, { tagsHeader: 'location' });
  searchRuleOf(answer.headers);
}

describe('what is read', () => {
  it('never throws, whatever it is', () => {
    const source = random(1);
    for (let round = 0; round < 5000; round++) readAll(someText(source));
  });

  it('is read in time that grows with its length, not with its square', () => {
    // 64 KiB, the most that a head has. The square of it would take minutes, and the test would not end.
    const evil = [
      ',',
      '"',
      '\\"',
      '"a",',
      'a=',
      'a="',
      'a=" ',
      ' ',
      '\t,',
      ';q=',
      '(',
      '("a" ',
      '-',
      '0-',
      '9',
      'W/"',
      '*',
      'a,',
      '%25',
      '&a=',
      './',
    ];
    for (const piece of evil) {
      const text = piece.repeat(Math.ceil(65_536 / piece.length));
      readAll(text);
      parseDirectives(text);
      parseDictionary(`a=${text}`);
      parseList(text);
      entityTags(text);
      assert.equal(parseHttpDate(text, NOW_MS), null);
    }
  });
});

describe('freshness', () => {
  it('is the same, whatever stands in between that nobody knows', () => {
    const { below } = random(4);
    for (let round = 0; round < 500; round++) {
      const known = ['max-age=5', 'public', 's-maxage=7', 'no-cache="a"', 'stale-if-error=3'].filter(
        () => below(2) === 0,
      );
      const unknown = known.flatMap((text) => [`x-${below(9)}="max-age=1, no-store"`, text, 'foo']);
      const [plain, mixed] = [known, unknown].map((list) =>
        freshnessFrom(answerOf(`Cache-Control: ${list.join(', ')}`)),
      );
      assert.deepEqual(mixed, plain);
    }
  });

  it('never gets longer by what is said more often', () => {
    const { below } = random(9);
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: 1 + below(4) }, () => `max-age=${below(100)}`).join(', ');
      const more = `${text}, max-age=${below(100)}`;
      const [few, many] = [text, more].map(
        (one) => freshnessFrom(answerOf(`Cache-Control: ${one}`)).lifetimeMs,
      );
      assert.ok((many ?? 0) <= (few ?? 0), more);
    }
  });

  it('begins the earlier, the older a response says it is', () => {
    let last = Infinity;
    for (let age = 0; age < 100; age++) {
      const born = bornAtMsOf(fields(`Age: ${age}`), { askedAtMs: NOW_MS - 10, answeredAtMs: NOW_MS });
      assert.ok(born < last);
      last = born;
    }
  });
});
