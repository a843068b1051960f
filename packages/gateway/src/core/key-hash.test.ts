import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyHash } from './key-hash.ts';

const KEY = [0x03020100, 0x07060504];

/** The hash of a text that belongs to a name. */
function hashOf(text: string, name = 'limit', key: readonly number[] = KEY): string {
  const hash = new KeyHash(key);
  hash.of(hash.start(name), text);
  return `${hash.low >>> 0} ${hash.high >>> 0}`;
}

describe('a hash of a key', () => {
  it('is the same for the same text, however that came about', () => {
    const [a, b] = ['corporate:', 'alice'];
    assert.equal(hashOf(`${a}${b}`), hashOf('corporate:alice'));
    assert.equal(hashOf('xcorporate:alice'.slice(1)), hashOf('corporate:alice'));
  });

  it('depends on the key, the name and every unit of the text', () => {
    const texts = [
      '',
      '\0',
      '\0\0',
      '\0\0\0',
      'a',
      'a\0',
      '\0a',
      'ab',
      'ba',
      'abc',
      'ä',
      'Ā',
      '\u0100\u0001',
      '\ud83d',
    ];
    const hashes = texts.flatMap((text) => [
      hashOf(text),
      hashOf(text, 'other'),
      hashOf(text, 'limit', [1, 2]),
      hashOf(text, 'limit', [2, 1]),
    ]);
    assert.equal(new Set(hashes).size, hashes.length);
    assert.notEqual(hashOf('bc', 'a'), hashOf('c', 'ab'));
    assert.notEqual(hashOf('', 'ab'), hashOf('ab', ''));
  });

  it('differs in half of its bits when one bit of the text does', () => {
    const hash = new KeyHash(KEY);
    const start = hash.start('limit');
    let changed = 0;
    let pairs = 0;
    for (let i = 0; i < 2000; i++) {
      hash.of(start, `key-${i}`);
      const { low, high } = hash;
      hash.of(start, `key-${i ^ 1}`);
      changed += ones(low ^ hash.low) + ones(high ^ hash.high);
      pairs++;
    }
    assert.ok(Math.abs(changed / pairs - 32) < 0.5, `${changed / pairs} bits`);
  });

  it('spreads similar keys over all rows, and none of 200,000 meets another', () => {
    const hash = new KeyHash(KEY);
    const start = hash.start('limit');
    const rows = new Uint32Array(256);
    const seen = new Set<number>();
    for (let i = 0; i < 200_000; i++) {
      hash.of(start, `10.0.${i >> 8}.${i & 255}`);
      const row = hash.high & 255;
      rows[row] = (rows[row] ?? 0) + 1;
      // 53 of the 64 bits.
      seen.add((hash.low >>> 0) * 2 ** 21 + (hash.high >>> 11));
    }
    assert.equal(seen.size, 200_000);
    // Six standard deviations of a count with mean 781.
    for (const count of rows) assert.ok(Math.abs(count - 781) < 170, `${count} keys in a row`);
  });
});

function ones(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
