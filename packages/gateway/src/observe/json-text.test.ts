import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { jsonText } from './json-text.ts';

const parsed = (text: string, maxLength: number) => JSON.parse(`"${jsonText(text, maxLength)}"`);
const bytes = (text: string) => Buffer.from(text).toString('latin1');

describe('a text in JSON', () => {
  it('gives ASCII back unchanged', () => {
    const ascii = fc.string({
      unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(fc.property(ascii, (text) => assert.equal(parsed(text, 10_000), text)));
  });

  it('reads the bytes of UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(parsed(bytes(text), 100_000), text)),
    );
  });

  for (const [what, text, expected] of [
    ['latin1 that is not UTF-8', 'caf\u00e9', 'caf\u00e9'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a pair of surrogates', '\ud83d\ude00', '\ud83d\ude00'],
    ['a line feed', 'a\nb', 'a\nb'],
    ['the separators of lines in JavaScript', '\u2028', '\u2028'],
  ] as const) {
    it(`keeps a line whole with ${what}`, () => {
      assert.equal(parsed(text, 100), expected);
      assert.match(jsonText(text, 100), /^[ -~]*$/);
    });
  }

  it('cuts between characters, never within an escape or a UTF-8 sequence', () => {
    assert.equal(jsonText('abc"""', 4), 'abc');
    assert.equal(jsonText('abc"""', 5), 'abc\\"');
    assert.equal(parsed(bytes('ab\u20ac\u20ac'), 4), 'ab');
    assert.equal(parsed(bytes(`${'a'.repeat(7)}\u20ac\u20ac`), 10), 'a'.repeat(7));
  });

  it('never gives more than was allowed', () => {
    const latin1 = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(latin1, fc.integer({ min: 6, max: 40 }), (text, limit) => {
        const cut = jsonText(text, limit);
        assert.ok(cut.length <= limit);
        JSON.parse(`"${cut}"`);
      }),
    );
  });
});
