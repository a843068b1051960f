import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { CollectedBody } from '../../../core/body-testing.ts';
import { GatewayError } from '../../../core/errors.ts';
import { Base64Decoder } from './base64-decoder.ts';
import { TextSink } from './text-sink.ts';

/** Cuts bytes at the given places, in whatever order they are. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

function decodeAll(pieces: readonly Buffer[]): Buffer {
  const decoder = new Base64Decoder();
  const bytes = Buffer.concat(pieces.map((piece) => decoder.decode(piece)));
  decoder.end();
  return bytes;
}

/** What `decodeAll` gives, in another way: every group of four by itself, by the decoder of Node.js. Null: malformed. */
function decodedByGroups(text: string): Buffer | null {
  if (text.length % 4 !== 0) return null;
  const groups = text.match(/[^]{4}/g) ?? [];
  if (!groups.every((group) => /^[A-Za-z0-9+/]{2}(?:[A-Za-z0-9+/]{2}|[A-Za-z0-9+/]=|==)$/.test(group)))
    return null;
  return Buffer.concat(groups.map((group) => Buffer.from(group, 'base64')));
}

const places = fc.array(fc.nat(), { maxLength: 12 });

describe('Base64Decoder', () => {
  it('gives what was encoded, however it is cut, with padding wherever the sender flushed', () => {
    const texts = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(texts, places, (parts, at) => {
        const text = parts.map((part) => Buffer.from(part).toString('base64')).join('');
        assert.deepEqual(decodeAll(cut(Buffer.from(text), at)), Buffer.concat(parts));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes and refuses the same as a decoder of whole groups', () => {
    const characters = fc.constantFrom(...Array.from('ABYZaz059+/==-_ \n\0\x80\xff'));
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 12 }), places, (list, at) => {
        const text = list.join('');
        const expected = decodedByGroups(text);
        const decode = (): Buffer => decodeAll(cut(Buffer.from(text, 'latin1'), at));
        if (expected === null)
          assert.throws(decode, (e) => e instanceof GatewayError && e.code === 'INVALID_REQUEST');
        else assert.deepEqual(decode(), expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives the bytes of a group as soon as it is complete', () => {
    const decoder = new Base64Decoder();
    assert.equal(decoder.decode(Buffer.from('AAA')).length, 0);
    assert.deepEqual(decoder.decode(Buffer.from('AAQ')), Buffer.from([0, 0, 0]));
    assert.deepEqual(decoder.decode(Buffer.from('==')), Buffer.from([1]));
    decoder.end();
  });
});

describe('TextSink', () => {
  it('writes what a decoder reads back, complete at every flush', () => {
    const steps = fc.array(fc.option(fc.uint8Array({ maxLength: 9 }), { nil: 'flush' as const }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const body = new CollectedBody();
        const sink = new TextSink(body);
        const written: Uint8Array[] = [];
        for (const step of list) {
          if (step === 'flush') {
            sink.flush();
            assert.deepEqual(decodeAll([body.bytes]), Buffer.concat(written));
          } else {
            written.push(step);
            sink.write(Buffer.from(step));
          }
        }
        sink.end(null);
        assert.deepEqual(decodeAll([body.bytes]), Buffer.concat(written));
      }),
      { numRuns: 2000 },
    );
  });
});
