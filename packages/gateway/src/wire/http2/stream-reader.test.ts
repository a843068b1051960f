import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { FULL, TAKEN } from '../../core/body.ts';
import { FieldEncoder } from './hpack/encoder.ts';
import { Http2Stream } from './framing/http2-stream.ts';
import { Outbox } from './framing/outbox.ts';
import { StreamReader } from './stream-reader.ts';

function reader(): StreamReader {
  const home = {
    outbox: new Outbox(new PassThrough() as unknown as Socket),
    encoder: new FieldEncoder(),
    window: 0,
    await() {},
    forget() {},
  };
  return new StreamReader(new Http2Stream(1, 0, home), -1, {
    bodyWanted() {},
    bodyEnded() {},
    bodyCancelled() {},
  });
}

describe('a body that waits', () => {
  it('takes not much more memory than it has bytes, however small its pieces are', () => {
    const it = reader();
    const sent = Buffer.alloc(60_000);
    for (let i = 0; i < sent.length; i++) {
      const read = Buffer.alloc(16 * 1024, i % 251);
      const length = i % 7000 === 0 ? 5000 : 1;
      if (i + length > sent.length) break;
      read.copy(sent, i, 0, length);
      it.take(read.subarray(0, length), i % 2 === 0);
      i += length - 1;
    }
    const pieces: Buffer[] = [];
    it.readTo({ write: (chunk) => (pieces.push(chunk), TAKEN), flush() {}, end() {}, fail: assert.fail });
    const body = Buffer.concat(pieces);
    assert.ok(body.equals(sent.subarray(0, body.length)));
    assert.equal(body.length, it.bytes);
    const memory = new Set(pieces.map(({ buffer }) => buffer));
    assert.ok(Array.from(memory).reduce((sum, { byteLength }) => sum + byteLength, 0) < 3 * body.length);
  });

  it('is what was sent, also when its reader stops in between', () => {
    const it = reader();
    let text = '';
    let isFull = true;
    const write = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      return isFull ? FULL : TAKEN;
    };
    it.take(Buffer.from('a'), true);
    it.take(Buffer.from('b'), false);
    it.readTo({ write, flush() {}, end() {}, fail: assert.fail });
    it.take(Buffer.from('c'), true);
    it.take(Buffer.alloc(5000, 'd'), true);
    it.take(Buffer.from('e'), true);
    it.resume();
    it.take(Buffer.from('f'), false);
    isFull = false;
    it.resume();
    it.take(Buffer.from('g'), true);
    assert.equal(text, `abc${'d'.repeat(5000)}efg`);
  });
});
