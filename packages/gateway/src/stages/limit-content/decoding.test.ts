import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import * as fc from '@turnpike/testkit/fast-check';
import type { ContentCoding } from './content-codings.ts';
import { Decoding, type DecodingPlan } from './decoding.ts';
import { JsonScanner } from './json-scanner.ts';

const ENCODERS = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  // At its default quality it takes seconds for what becomes a bomb.
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: zstdCompressSync,
} as const satisfies Record<ContentCoding, (bytes: Buffer) => Buffer>;

const CODINGS = Object.keys(ENCODERS) as ContentCoding[];
const MIB = 1024 * 1024;

function encoded(bytes: Buffer, codings: readonly ContentCoding[]): Buffer {
  return codings.reduce((inner, coding) => ENCODERS[coding](inner), bytes);
}

/** What is found in these pieces, and in the end. */
async function found(pieces: readonly Buffer[], plan: Partial<DecodingPlan>): Promise<string> {
  const decoding = new Decoding({ codings: ['gzip'], maxBytes: MIB, scanner: null, ...plan });
  try {
    for (const piece of pieces) {
      const violation = await decoding.feed(piece);
      if (violation !== null) return violation.reason;
    }
    return (await decoding.end())?.reason ?? 'fine';
  } finally {
    decoding.close();
  }
}

/** Cut after every `size` bytes. */
function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}

describe('Decoding', () => {
  for (const coding of CODINGS) {
    describe(`of ${coding}`, () => {
      const text = Buffer.from('{"a":[1,2,3]}'.repeat(5000));
      const bytes = encoded(text, [coding]);

      it('counts every byte that comes out, and none more', async () => {
        for (const size of [1, 7, bytes.length]) {
          const pieces = cut(bytes, size);
          assert.equal(await found(pieces, { codings: [coding], maxBytes: text.length }), 'fine');
          assert.equal(
            await found(pieces, { codings: [coding], maxBytes: text.length - 1 }),
            'decompressedBytes',
          );
        }
      });

      it('finds a bomb before it has gone off', async () => {
        const bomb = encoded(Buffer.alloc(100 * MIB), [coding]);
        assert.ok(bomb.length < MIB / 8);
        assert.equal(await found([bomb], { codings: [coding] }), 'decompressedBytes');
      });

      it('refuses what breaks off', async () => {
        for (const length of [1, bytes.length >> 1, bytes.length - 1]) {
          assert.equal(await found([bytes.subarray(0, length)], { codings: [coding] }), 'coding-malformed');
        }
      });

      it('refuses what is no such coding', async () => {
        for (const bad of ['hello, world', '\0\0\0\0\0\0\0\0', '\xff\xff\xff\xff']) {
          assert.equal(await found([Buffer.from(bad, 'latin1')], { codings: [coding] }), 'coding-malformed');
        }
      });

      it('refuses what comes after the end, at once and later', async () => {
        const garbage = Buffer.from('garbage and more of it');
        assert.equal(
          await found([Buffer.concat([bytes, garbage])], { codings: [coding] }),
          'coding-malformed',
        );
        assert.equal(await found([bytes, garbage], { codings: [coding] }), 'coding-malformed');
      });

      it('has nothing against a body of no bytes', async () => {
        assert.equal(await found([], { codings: [coding] }), 'fine');
      });

      it('looks at what is inside', async () => {
        const plan = { codings: [coding], maxBytes: MIB };
        assert.equal(await found(cut(bytes, 5), { ...plan, scanner: new JsonScanner(2) }), 'fine');
        assert.equal(await found(cut(bytes, 5), { ...plan, scanner: new JsonScanner(1) }), 'jsonDepth');
      });
    });
  }

  it('counts all members of a body that has several', async () => {
    for (const coding of ['gzip', 'zstd'] as const) {
      const member = encoded(Buffer.alloc(1000), [coding]);
      const body = [member, Buffer.concat([member, member])];
      assert.equal(await found(body, { codings: [coding], maxBytes: 3000 }), 'fine');
      assert.equal(await found(body, { codings: [coding], maxBytes: 2999 }), 'decompressedBytes');
    }
  });

  it('takes the coding "deflate" for what it is, not for what some send (RFC 9110 §8.4.1.2)', async () => {
    assert.equal(await found([deflateRawSync('hello')], { codings: ['deflate'] }), 'coding-malformed');
  });

  it('refuses a window that would take more memory than the coding allows (RFC 9659)', async () => {
    const params = {
      [constants.ZSTD_c_windowLog]: 27,
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
      [constants.ZSTD_c_contentSizeFlag]: 0,
    };
    const frame = zstdCompressSync(Buffer.alloc(MIB), { params });
    const codings = ['zstd'] as const;
    const wide = Buffer.from(frame);
    assert.equal((wide[4] ?? 0) & 0x20, 0, 'the frame says how large its window is');
    wide[5] = 17 << 3; // a window of 2^27 bytes (RFC 8878 §3.1.1.1.2)
    assert.equal(await found([wide], { codings, maxBytes: 10 * MIB }), 'coding-malformed');
    wide[5] = 13 << 3;
    assert.equal(await found([wide], { codings, maxBytes: 10 * MIB }), 'fine');
  });

  it('goes through all codings, and counts after each', async () => {
    const codings = ['gzip', 'br', 'zstd'] as const;
    const text = Buffer.from('[[1]]'.repeat(20_000));
    const bytes = encoded(text, codings);
    const plan = { codings, maxBytes: text.length };
    assert.equal(await found(cut(bytes, 3), { ...plan, scanner: new JsonScanner(2) }), 'fine');
    assert.equal(await found(cut(bytes, 3), { ...plan, scanner: new JsonScanner(1) }), 'jsonDepth');
    assert.equal(await found([bytes], { ...plan, maxBytes: text.length - 1 }), 'decompressedBytes');
    assert.equal(await found([encoded(text, codings.toReversed())], plan), 'coding-malformed');
    assert.equal(await found([encoded(text, ['br', 'zstd'])], plan), 'coding-malformed');
  });

  it('finds a bomb within a bomb', async () => {
    const codings = ['gzip', 'gzip'] as const;
    const bomb = encoded(Buffer.alloc(100 * MIB), codings);
    assert.ok(bomb.length < 1000);
    assert.equal(await found([bomb], { codings }), 'decompressedBytes');
    // The second would be within the limit, if it came that far.
    const inner = Buffer.concat([gzipSync(Buffer.alloc(10)), Buffer.alloc(2 * MIB)]);
    assert.equal(await found([gzipSync(inner)], { codings }), 'coding-malformed');
  });

  it('gives up what it is doing when it is closed', async () => {
    const decoding = new Decoding({ codings: ['gzip', 'gzip'], maxBytes: Infinity, scanner: null });
    const fed = decoding.feed(encoded(Buffer.alloc(10 * MIB), ['gzip', 'gzip']));
    decoding.close();
    await fed;
    decoding.close();
  });

  it('finds the same wherever a body is cut', async () => {
    const coding = fc.constantFrom(...CODINGS);
    const data = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(data, coding, fc.integer({ min: 1, max: 50 }), async (plain, name, size) => {
        const pieces = cut(encoded(Buffer.from(plain), [name]), size);
        assert.equal(await found(pieces, { codings: [name], maxBytes: plain.length }), 'fine');
        if (plain.length > 0) {
          const plan = { codings: [name], maxBytes: plain.length - 1 };
          assert.equal(await found(pieces, plan), 'decompressedBytes');
        }
      }),
      { numRuns: 50 },
    );
  });
});
