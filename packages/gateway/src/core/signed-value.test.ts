import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { signedValue } from './signed-value.ts';

const KEY = Buffer.from('0123456789abcdef0123456789abcdef');
const values = signedValue(KEY, 'test');

describe('a signed value', () => {
  it('gives its text back, the first time and later', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const signed = values.sign(text);
        assert.equal(values.verify(signed), text);
        assert.equal(values.verify(signed), text);
        assert.equal(signedValue(KEY, 'test').verify(signed), text);
      }),
    );
  });

  it('has a signature of 128 bits that a cookie can hold', () => {
    assert.match(values.sign('side-a'), /^side-a\.[\w-]{22}$/);
  });

  it('is nothing when a character is another', () => {
    const signed = values.sign('side-a');
    for (let at = 0; at < signed.length; at++)
      for (const other of ['A', 'z', '0', '-', '.', '\u0141'])
        if (signed[at] !== other)
          assert.equal(values.verify(signed.slice(0, at) + other + signed.slice(at + 1)), null);
  });

  it('is nothing with another key, for another purpose, or as anything else', () => {
    const signed = values.sign('a');
    const other = Buffer.from(KEY);
    other[0] = 0;
    assert.equal(signedValue(other, 'test').verify(signed), null);
    assert.equal(signedValue(KEY, 'tes').verify(signed), null);
    assert.equal(signedValue(KEY, 'tes').verify(signedValue(KEY, 'test').sign('a')), null);
    // The same characters, but another end of the purpose.
    const [, tag] = signedValue(KEY, 'tes').sign('ta').split('.');
    assert.equal(values.verify(`a.${tag}`), null);
    for (const text of ['', '.', 'a', 'a.', `.${tag}`, 'x'.repeat(10_000)])
      assert.equal(values.verify(text), null);
  });

  it('does not remember without bound what is forged', () => {
    for (let i = 0; i < 2000; i++) assert.equal(values.verify(`a${i}.AAAAAAAAAAAAAAAAAAAAAA`), null);
    assert.equal(values.verify(values.sign('a')), 'a');
  });
});
