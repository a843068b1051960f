import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_WISHES, requestDirectivesOf, type RequestDirectives } from './request-directives.ts';
import { fields } from './rules-testing.ts';

type Row = readonly [section: string, lines: readonly string[], wishes: Partial<RequestDirectives>];

const table: readonly Row[] = [
  ['RFC 9111 §5.2', [], {}],
  ['RFC 9111 §5.2', ['Cache-Control: '], {}],
  ['RFC 9111 §5.2', ['Cache-Control: ,, ,'], {}],
  ['RFC 9111 §5.2', ['Cache-Control: No-CaChE'], { noCache: true }],
  ['RFC 9111 §5.2', ['Cache-Control: no-cache', 'Cache-Control: no-store'], { noCache: true, noStore: true }],
  ['RFC 9111 §5.2.1.1', ['Cache-Control: max-age=0'], { maxAgeSeconds: 0 }],
  ['RFC 9111 §5.2.1.1', ['Cache-Control: max-age="60"'], { maxAgeSeconds: 60 }],
  ['RFC 9111 §5.2.1.1', ['Cache-Control: max-age=60, max-age=30'], { maxAgeSeconds: 30 }],
  ['RFC 9111 §5.2.1.1', ['Cache-Control: max-age'], { maxAgeSeconds: 0 }],
  ['RFC 9111 §5.2.1.1', ['Cache-Control: max-age=x'], { maxAgeSeconds: 0 }],
  ['RFC 9111 §5.2.1.2', ['Cache-Control: max-stale'], { maxStaleSeconds: 2 ** 31 }],
  ['RFC 9111 §5.2.1.2', ['Cache-Control: max-stale=10'], { maxStaleSeconds: 10 }],
  ['RFC 9111 §5.2.1.2', ['Cache-Control: max-stale, max-stale=10'], { maxStaleSeconds: 10 }],
  ['RFC 9111 §5.2.1.2', ['Cache-Control: max-stale=soon'], {}],
  ['RFC 9111 §5.2.1.3', ['Cache-Control: min-fresh=10, min-fresh=20'], { minFreshSeconds: 20 }],
  ['RFC 9111 §5.2.1.3', ['Cache-Control: min-fresh'], {}],
  ['RFC 9111 §5.2.1.5', ['Cache-Control: no-store'], { noStore: true }],
  ['RFC 9111 §5.2.1.6', ['Cache-Control: no-transform'], {}],
  ['RFC 9111 §5.2.1.7', ['Cache-Control: only-if-cached'], { onlyIfCached: true }],
  ['RFC 9111 §5.2.3', ['Cache-Control: nothing-to-see-here="no-cache, no-store"'], {}],
  ['RFC 9111 §5.4', ['Pragma: no-cache'], { noCache: true }],
  ['RFC 9111 §5.4', ['Pragma: foo, NO-CACHE'], { noCache: true }],
  ['RFC 9111 §5.4', ['Pragma: foo'], {}],
  ['RFC 9111 §5.4', ['Pragma: no-cache', 'Cache-Control: max-age=5'], { maxAgeSeconds: 5 }],
];

describe('requestDirectivesOf', () => {
  for (const [section, lines, wishes] of table) {
    it(`reads ${JSON.stringify(lines)} (${section})`, () => {
      const expected = { ...NO_WISHES, ...wishes };
      assert.deepEqual(requestDirectivesOf(fields(...lines)), expected);
      assert.deepEqual(requestDirectivesOf(fields(...lines)), expected, 'from memory');
    });
  }

  it('takes a text that is too long to be meant for none', () => {
    const long = `no-cache, ${'x'.repeat(5000)}`;
    assert.deepEqual(requestDirectivesOf(fields(`Cache-Control: ${long}`)), NO_WISHES);
    assert.deepEqual(requestDirectivesOf(fields(`Pragma: ${long}`)), NO_WISHES);
  });
});
