import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRangeWanted, notModifiedFields, verdictOf, type Verdict } from './conditions.ts';
import { dateAt, fields, NOW_MS } from './rules-testing.ts';

type Row = readonly [
  section: string,
  asked: readonly string[],
  stored: readonly string[],
  Verdict,
  status?: number,
];

const tag = ['ETag: "a"', `Date: ${dateAt(0)}`];
const weak = ['ETag: W/"a"'];
const changed = [`Last-Modified: ${dateAt(-3000)}`, `Date: ${dateAt(0)}`];
const rfc850 = 'If-Modified-Since: Sunday, 05-Jul-26 23:10:00 GMT';

const table: readonly Row[] = [
  ['RFC 9110 §13.1', [], tag, 'send'],
  ['RFC 9110 §13.1.2', ['If-None-Match: "a"'], tag, 'not-modified'],
  ['RFC 9110 §13.1.2', ['If-None-Match: "b"'], tag, 'send'],
  ['RFC 9110 §13.1.2', ['If-None-Match: W/"a"'], tag, 'not-modified'],
  ['RFC 9110 §13.1.2', ['If-None-Match: "a"'], weak, 'not-modified'],
  ['RFC 9110 §13.1.2', ['If-None-Match: W/"a"'], weak, 'not-modified'],
  ['RFC 9110 §13.1.2', ['If-None-Match: "1", "a" , W/"2"'], tag, 'not-modified'],
  ['RFC 9110 §13.1.2', ['If-None-Match: "1"', 'If-None-Match: "a"'], tag, 'not-modified'],
  ['RFC 9110 §13.1.2', ['If-None-Match: "1,2", "a"'], ['ETag: "1,2"'], 'not-modified'],
  ['RFC 9110 §13.1.2', ['If-None-Match: *'], ['X: y'], 'not-modified'],
  ['RFC 9110 §13.1.2', ['If-None-Match: "a"'], ['X: y'], 'send'],
  ['RFC 9110 §8.8.3', ['If-None-Match: a'], tag, 'send'],
  ['RFC 9110 §8.8.3', ['If-None-Match: a'], ['ETag: a'], 'send'],
  ['RFC 9110 §8.8.3', ['If-None-Match: w/"a"'], weak, 'send'],
  ['RFC 9110 §8.8.3', ['If-None-Match: "abcdef\xfc"'], ['ETag: "abcdef\xfc"'], 'not-modified'],
  ['RFC 9110 §8.8.3', [`If-None-Match: "x${'"x'.repeat(5000)}`], tag, 'send'],
  ['RFC 9110 §13.1.3', [`If-Modified-Since: ${dateAt(-3000)}`], changed, 'not-modified'],
  ['RFC 9110 §13.1.3', [`If-Modified-Since: ${dateAt(-2000)}`], changed, 'not-modified'],
  ['RFC 9110 §13.1.3', [`If-Modified-Since: ${dateAt(-3001)}`], changed, 'send'],
  ['RFC 9110 §5.6.7', [rfc850], changed, 'not-modified'],
  ['RFC 9110 §13.1.3', ['If-Modified-Since: yesterday'], changed, 'send'],
  ['RFC 9111 §4.3.2', [`If-Modified-Since: ${dateAt(0)}`], tag, 'not-modified'],
  ['RFC 9111 §4.3.2', [`If-Modified-Since: ${dateAt(-3000)}`], tag, 'send'],
  [
    'RFC 9110 §13.2.2',
    ['If-None-Match: "a"', `If-Modified-Since: ${dateAt(-5000)}`],
    [...tag, ...changed],
    'not-modified',
  ],
  [
    'RFC 9110 §13.2.2',
    ['If-None-Match: "b"', `If-Modified-Since: ${dateAt(0)}`],
    [...tag, ...changed],
    'send',
  ],
  ['RFC 9110 §13.2.1', ['If-None-Match: "a"'], tag, 'send', 404],
  ['RFC 9110 §13.2.1', ['If-None-Match: "a"'], tag, 'send', 301],
  ['RFC 9110 §13.2.1', ['If-None-Match: "a"'], tag, 'not-modified', 206],
  ['RFC 9111 §4.3.2', ['If-Match: "a"'], tag, 'pass'],
  ['RFC 9111 §4.3.2', [`If-Unmodified-Since: ${dateAt(0)}`], changed, 'pass'],
  ['RFC 9111 §4.3.2', ['If-Match: "a"', 'If-None-Match: "a"'], tag, 'pass'],
];

describe('verdictOf', () => {
  for (const [section, asked, stored, verdict, status = 200] of table) {
    const name = `${asked.join(' | ').slice(0, 80)} for ${status} ${stored.join(' | ')}`;
    it(`says ${verdict} of ${name} (${section})`, () => {
      assert.equal(verdictOf(fields(...asked), { status, headers: fields(...stored) }, NOW_MS), verdict);
    });
  }
});

describe('isRangeWanted', () => {
  const rows: readonly (readonly [wanted: string | null, stored: readonly string[], is: boolean])[] = [
    [null, [], true],
    ['"a"', tag, true],
    ['"b"', tag, false],
    ['W/"a"', weak, false],
    ['"a"', weak, false],
    [dateAt(-3000), changed, true],
    [dateAt(-3000), [...tag, ...changed], true],
    [dateAt(-2999), changed, false],
    [dateAt(0), [`Last-Modified: ${dateAt(0)}`, `Date: ${dateAt(0)}`], false],
    [dateAt(-3000), [`Last-Modified: ${dateAt(-3000)}`], false],
    ['', [], false],
  ];
  for (const [wanted, stored, is] of rows) {
    it(`is ${is} for ${wanted} and ${stored.join(' | ')} (RFC 9110 §13.1.5)`, () => {
      const request = wanted === null ? fields() : fields(`If-Range: ${wanted}`);
      assert.equal(isRangeWanted(request, fields(...stored)), is);
    });
  }
});

describe('notModifiedFields', () => {
  it('leaves out what the client has already (RFC 9110 §15.4.5)', () => {
    const stored = fields('ETag: "a"', 'Content-Type: text/css', 'Vary: a', 'Content-Location: /b', 'X: y');
    const kept = notModifiedFields(stored).names.map(({ lower }) => lower);
    assert.deepEqual(kept, ['etag', 'vary', 'content-location', 'x']);
    assert.equal(stored.size, 5, 'what is stored stays');
  });
});
