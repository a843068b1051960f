import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { sealer } from './sealer.ts';

const OLD = 'an old secret of thirty-two characters';
const NEW = 'a new secret of thirty-two characters!';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('');

describe('sealed text', () => {
  const { seal, open } = sealer([OLD], 'session');

  it('opens to what was sealed, whatever it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.string(), (bytes, context) => {
        assert.deepEqual(open(seal(bytes, context), context), Buffer.from(bytes));
      }),
      { numRuns: 200 },
    );
  });

  it('is another one every time, and made of characters that cookies take', () => {
    const texts = Array.from({ length: 50 }, () => seal(Buffer.from('the same'), 'c'));
    assert.equal(new Set(texts).size, texts.length);
    for (const text of texts) assert.match(text, /^[\w-]+$/);
  });

  it('does not open when one character is another', () => {
    const text = seal(Buffer.from('a session'), 'c');
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom(...BASE64URL, '=', '+', '/', ' ', '.'),
        (at, other) => {
          fc.pre(text[at] !== other);
          assert.equal(open(text.slice(0, at) + other + text.slice(at + 1), 'c'), null);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('does not open when something is missing, added or exchanged', () => {
    const text = seal(Buffer.from('a session'), 'c');
    const other = seal(Buffer.from('a session'), 'c');
    for (let end = 0; end < text.length; end++) assert.equal(open(text.slice(0, end), 'c'), null);
    for (const character of BASE64URL) assert.equal(open(text + character, 'c'), null);
    for (let at = 1; at < text.length; at++) {
      const mixed = text.slice(0, at) + other.slice(at);
      // The last character may be the same by chance.
      if (mixed !== text) assert.equal(open(mixed, 'c'), null);
    }
  });

  it('does not open in another context, for another purpose or with another secret', () => {
    const text = seal(Buffer.from('a session'), 'c');
    assert.equal(open(text, 'd'), null);
    assert.equal(sealer([OLD], 'login').open(text, 'c'), null);
    assert.equal(sealer([NEW], 'session').open(text, 'c'), null);
  });

  it('opens as long as its secret is among those that are known, and is sealed with the first', () => {
    const before = seal(Buffer.from('before'), 'c');
    const rotated = sealer([NEW, OLD], 'session');
    const after = rotated.seal(Buffer.from('after'), 'c');
    assert.equal(rotated.open(before, 'c')?.toString(), 'before');
    assert.equal(sealer([NEW], 'session').open(after, 'c')?.toString(), 'after');
    assert.equal(sealer([NEW], 'session').open(before, 'c'), null);
    assert.equal(open(after, 'c'), null);
  });
});
