import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { decodeValue, encodeValue } from './cache-value.ts';

/** Text of which UTF-8 has every character. */
const text = fc.string({ unit: 'binary' });
const tag = text.map((any) => `t ${any.replaceAll('\n', ' ')}`);
const values = fc.record({
  head: text,
  tags: fc.array(tag),
  body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  asOf: fc.maxSafeNat(),
});

describe('values of the cache in Redis', () => {
  it('are read as they were written, and only for their key', () => {
    fc.assert(
      fc.property(text, values, (key, value) => {
        const encoded = encodeValue(key, value);
        assert.deepEqual(decodeValue(key, encoded), { ...value });
        assert.equal(decodeValue(`${key}x`, encoded), null);
      }),
    );
  });

  it('are nothing when a byte of them is another, or is not there', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, change) => {
        const encoded = encodeValue('key', value);
        const at = place % encoded.length;
        const bad = Buffer.from(encoded);
        bad[at] = (bad[at] ?? 0) ^ change;
        assert.equal(decodeValue('key', bad), null);
        assert.equal(decodeValue('key', encoded.subarray(0, at)), null);
      }),
    );
  });

  it('are never made of something else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => decodeValue('', Buffer.from(bytes)) === null),
    );
  });
});
