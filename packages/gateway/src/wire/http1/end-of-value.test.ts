import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FIELD_VALUE } from './bytes.ts';
import { endOfValue } from './end-of-value.ts';

/** One byte after the other. */
function endOf(bytes: Buffer, at: number): number {
  let end = at;
  while (FIELD_VALUE[bytes[end] ?? 0] === 1) end++;
  return end;
}

describe('the end of a field value', () => {
  it('is at the first byte that no value may hold, wherever that is in a word', () => {
    for (let length = 0; length < 12; length++) {
      for (let byte = 0; byte < 256; byte++) {
        const bytes = Buffer.from(`x${'v'.repeat(length)}?${'w'.repeat(5)}\r\n`, 'latin1');
        bytes[1 + length] = byte;
        for (const at of [0, 1]) assert.equal(endOfValue(bytes, at), endOf(bytes, at), `${length} ${byte}`);
      }
    }
  });

  it('is not moved by the bytes around it', () => {
    for (const [before, byte, after] of [
      [0x80, 0x20, 0x1f],
      [0x20, 0x7f, 0x80],
      [0x00, 0xff, 0x7f],
      [0x1f, 0xa0, 0x09],
      [0x7e, 0x21, 0x7e],
    ] as const) {
      const bytes = Buffer.from([before, byte, after, before, byte, byte, after, 0x0d, 0x0a]);
      for (let at = 0; at < bytes.length; at++) assert.equal(endOfValue(bytes, at), endOf(bytes, at));
    }
  });

  it('does not look beyond the end of the bytes', () => {
    assert.equal(endOfValue(Buffer.from('abcdef\r'), 0), 6);
    assert.equal(endOfValue(Buffer.from('a\r'), 0), 1);
    assert.equal(endOfValue(Buffer.from('xabcdefgh\r').subarray(1), 3), 8);
  });
});
