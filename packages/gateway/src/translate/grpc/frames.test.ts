import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frame, FrameReader, type FrameLimits } from './frames.ts';

const LIMITS: FrameLimits = {
  messageBytes: 1000,
  tooLarge: 'BODY_TOO_LARGE',
  incomplete: 'UPSTREAM_INVALID',
};

function read(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const reader = new FrameReader(LIMITS, (flags, message) => seen.push(`${flags} ${message.toString()}`));
  for (const chunk of chunks) reader.feed(chunk);
  reader.end();
  return seen;
}

describe('frames', () => {
  const bytes = Buffer.concat(['one', '', 'three'].map((text, flags) => frame(flags, Buffer.from(text))));
  const expected = ['0 one', '1 ', '2 three'];

  it('are read wherever the bytes are cut', () => {
    assert.deepEqual(read([bytes]), expected);
    assert.deepEqual(read(Array.from(bytes, (byte) => Buffer.of(byte))), expected);
    for (let at = 1; at < bytes.length; at++)
      assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)]), expected, `cut at ${at}`);
  });

  it('do not depend on memory that is used again', () => {
    const first = Buffer.from(bytes.subarray(0, 7));
    const seen: string[] = [];
    const reader = new FrameReader(LIMITS, (_, message) => seen.push(message.toString()));
    reader.feed(first);
    first.fill(0xff);
    reader.feed(bytes.subarray(7));
    assert.deepEqual(seen, ['one', '', 'three']);
  });

  it('are refused by their prefix when they are too large', () => {
    const large = frame(0, Buffer.alloc(1001)).subarray(0, 5);
    assert.throws(() => read([large]), { code: 'BODY_TOO_LARGE' });
    assert.throws(() => read([large.subarray(0, 2), large.subarray(2)]), { code: 'BODY_TOO_LARGE' });
  });

  it('are incomplete when the stream ends within one', () => {
    assert.throws(() => read([bytes.subarray(0, 9)]), { code: 'UPSTREAM_INVALID' });
  });
});
