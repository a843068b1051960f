import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SAYS_NOTHING, type ResponseDirectives } from './response-directives.ts';
import { fields } from './rules-testing.ts';
import { responseDirectivesOf } from './targeted.ts';

type Row = readonly [section: string, text: string, directives: Partial<ResponseDirectives>];

const table: readonly Row[] = [
  ['RFC 9111 §5.2', '', {}],
  ['RFC 9111 §5.2', 'foobar, max-age=3600', { maxAgeSeconds: 3600 }],
  ['RFC 9111 §5.2', 'MaX-aGe=3600', { maxAgeSeconds: 3600 }],
  ['RFC 9111 §5.2', 'max-age="3600"', { maxAgeSeconds: 3600 }],
  ['RFC 9111 §5.2', "max-age='3600'", { maxAgeSeconds: 0 }],
  ['RFC 9111 §5.2', 'extension="max-age=3600", max-age=1', { maxAgeSeconds: 1 }],
  ['RFC 9111 §5.2', 'max-age=1, extension="max-age=3600"', { maxAgeSeconds: 1 }],
  ['RFC 9111 §5.2', 'extension="a\\", no-store", max-age=1', { maxAgeSeconds: 1 }],
  ['RFC 9111 §5.2', 'extension="no end, max-age=3600', {}],
  ['RFC 9111 §5.2', '=, "no-store", max-age=3600', { maxAgeSeconds: 3600 }],
  ['RFC 9111 §1.2.2', 'max-age=003600', { maxAgeSeconds: 3600 }],
  ['RFC 9111 §1.2.2', 'max-age=2147483648', { maxAgeSeconds: 2147483648 }],
  ['RFC 9111 §1.2.2', 'max-age=99999999999999999999', { maxAgeSeconds: 2147483648 }],
  ['RFC 9111 §4.2.1', 'max-age=-3600', { maxAgeSeconds: 0 }],
  ['RFC 9111 §4.2.1', 'max-age=3600.0', { maxAgeSeconds: 0 }],
  ['RFC 9111 §4.2.1', 'max-age=a3600', { maxAgeSeconds: 0 }],
  ['RFC 9111 §4.2.1', 'max-age =3600', { maxAgeSeconds: 0 }],
  ['RFC 9111 §4.2.1', 'max-age= 3600', { maxAgeSeconds: 0 }],
  ['RFC 9111 §4.2.1', 'max-age=', { maxAgeSeconds: 0 }],
  ['RFC 9111 §4.2.1', 'max-age="3600', { maxAgeSeconds: 0 }],
  ['RFC 9111 §4.2.1', 'max-age=1800, max-age=1', { maxAgeSeconds: 1 }],
  ['RFC 9111 §4.2.1', 'max-age=1, max-age=1800', { maxAgeSeconds: 1 }],
  ['RFC 9111 §4.2.1', 's-maxage=5, s-maxage=x', { sharedMaxAgeSeconds: 0 }],
  ['RFC 9111 §5.2.2.2', 'must-revalidate', { mustRevalidate: true }],
  ['RFC 9111 §5.2.2.3', 'must-understand, no-store', { mustUnderstand: true, noStore: true }],
  ['RFC 9111 §5.2.2.4', 'no-cache', { noCache: true }],
  ['RFC 9111 §5.2.2.4', 'no-cache="a, B", max-age=5', { withheldFields: ['a', 'b'], maxAgeSeconds: 5 }],
  ['RFC 9111 §5.2.2.4', 'no-cache=set-cookie', { withheldFields: ['set-cookie'] }],
  ['RFC 9111 §5.2.2.4', 'no-cache=""', { noCache: true }],
  ['RFC 9111 §5.2.2.4', 'no-cache="a b"', { noCache: true }],
  ['RFC 9111 §5.2.2.5', 'No-StOrE', { noStore: true }],
  ['RFC 9111 §5.2.2.5', 'no-store=1', { noStore: true }],
  ['RFC 9111 §5.2.2.7', 'private', { isPrivate: true }],
  [
    'RFC 9111 §5.2.2.7',
    'private="x-user", private="x-user,x-plan"',
    { withheldFields: ['x-user', 'x-plan'] },
  ],
  ['RFC 9111 §5.2.2.7', `private="${'a,'.repeat(40)}"`, { isPrivate: true }],
  ['RFC 9111 §5.2.2.8', 'proxy-revalidate', { proxyRevalidate: true }],
  ['RFC 9111 §5.2.2.9', 'public', { isPublic: true }],
  ['RFC 9111 §5.2.2.10', 's-maxage=5, max-age=3', { sharedMaxAgeSeconds: 5, maxAgeSeconds: 3 }],
  ['RFC 5861 §3', 'stale-while-revalidate=30', { staleWhileRevalidateSeconds: 30 }],
  ['RFC 5861 §4', 'stale-if-error=30, stale-if-error=20', { staleIfErrorSeconds: 20 }],
];

const targeted: readonly (readonly [string, readonly string[], Partial<ResponseDirectives>])[] = [
  ['RFC 9213 §3.1', ['CDN-Cache-Control: max-age=60'], { maxAgeSeconds: 60 }],
  ['RFC 9213 §2.2', ['CDN-Cache-Control: max-age=60', 'Cache-Control: no-store'], { maxAgeSeconds: 60 }],
  ['RFC 9213 §2.2', ['CDN-Cache-Control: no-store', 'Cache-Control: max-age=60'], { noStore: true }],
  ['RFC 9213 §2.2', ['CDN-Cache-Control: a, private', 'Cache-Control: max-age=60'], { isPrivate: true }],
  [
    'RFC 9213 §2.2',
    ['CDN-Cache-Control: no-store', 'Turnpike-CDN-Cache-Control: max-age=1'],
    { maxAgeSeconds: 1 },
  ],
  ['RFC 9213 §2.1', ['CDN-Cache-Control: max-age=60;x=1;y'], { maxAgeSeconds: 60 }],
  ['RFC 9213 §2.1', ['CDN-Cache-Control: max-age="60"'], { maxAgeSeconds: 0 }],
  ['RFC 9213 §2.1', ['CDN-Cache-Control: max-age=-1'], { maxAgeSeconds: 0 }],
  ['RFC 9213 §2.1', ['CDN-Cache-Control: max-age=1.5'], { maxAgeSeconds: 0 }],
  ['RFC 9213 §2.1', ['CDN-Cache-Control: stale-if-error=(1)'], { staleIfErrorSeconds: 0 }],
  ['RFC 9213 §2.1', ['CDN-Cache-Control: no-cache="a, b"'], { withheldFields: ['a', 'b'] }],
  ['RFC 9213 §2.1', ['CDN-Cache-Control: public=?0, no-store=?0, private'], { isPrivate: true }],
  ['RFC 9213 §2.1', ['CDN-Cache-Control: max-age=99999999999'], { maxAgeSeconds: 2147483648 }],
  ['RFC 9651 §4.2.2', ['CDN-Cache-Control: max-age=5', 'CDN-Cache-Control: max-age=9'], { maxAgeSeconds: 9 }],
];

describe('responseDirectivesOf', () => {
  for (const [section, text, directives] of table) {
    it(`reads ${JSON.stringify(text)} (${section})`, () => {
      const expected = { ...SAYS_NOTHING, source: 'cache-control', ...directives };
      assert.deepEqual(responseDirectivesOf(fields(`Cache-Control: ${text}`)), expected);
    });
  }

  for (const [section, lines, directives] of targeted) {
    it(`reads ${JSON.stringify(lines)} (${section})`, () => {
      const expected = { ...SAYS_NOTHING, source: 'targeted', ...directives };
      assert.deepEqual(responseDirectivesOf(fields(...lines)), expected);
    });
  }

  for (const text of [
    '',
    '  ',
    'max-age=10000, &&&&&',
    'MaX-aGe=3600',
    'max-age =100',
    'max-age= 100',
    'private,',
  ]) {
    it(`goes by Cache-Control where a targeted field is ${JSON.stringify(text)} (RFC 9213 §2.1)`, () => {
      const headers = fields(`CDN-Cache-Control: ${text}`, 'Cache-Control: max-age=1');
      assert.deepEqual(responseDirectivesOf(headers), {
        ...SAYS_NOTHING,
        source: 'cache-control',
        maxAgeSeconds: 1,
      });
    });
  }

  it('has nothing to say of a response without such fields', () => {
    assert.equal(responseDirectivesOf(fields('Expires: 0')), SAYS_NOTHING);
  });

  it('forbids to store what has a text that is too long to be meant', () => {
    assert.ok(responseDirectivesOf(fields(`Cache-Control: max-age=5, ${'x'.repeat(5000)}`)).noStore);
  });
});
