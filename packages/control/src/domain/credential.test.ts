import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import * as fc from '@turnpike/testkit/fast-check';
import { digestOf, isWellFormed, newCredential } from './credential.ts';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('a credential', () => {
  it('has a prefix, an id, a secret and a checksum that others can compute', () => {
    const { id, text, digest } = newCredential('tp', randomBytes);
    assert.match(text, /^tp_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}$/);
    assert.ok(text.startsWith(`${id}_`));
    assert.equal(digest, createHash('sha256').update(text).digest('hex'));
    assert.equal(digest, digestOf(text));
    const value = text
      .slice(-6)
      .split('')
      .reduce((sum, letter) => sum * 62 + LETTERS.indexOf(letter), 0);
    assert.equal(value, crc32(text.slice(0, -6)));
    assert.ok(isWellFormed(text));
  });

  it('is told from one with any letter changed', () => {
    const { text } = newCredential('tpa', randomBytes);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...LETTERS.split('')), (at, letter) => {
        const other = text.slice(0, at) + letter + text.slice(at + 1);
        assert.equal(isWellFormed(other), other === text);
      }),
    );
  });

  it('uses no byte that would make some letters more likely', () => {
    const given = [...Array<number>(40).fill(255), ...Array<number>(40).fill(61)];
    let at = 0;
    const bytes = (count: number) =>
      Uint8Array.from({ length: count }, () => given[at++ % given.length] ?? 0);
    assert.match(newCredential('tp', bytes).text, /^tp_z{8}_z{32}/);
  });
});
