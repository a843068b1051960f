import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { WireWriter } from '../../core/protobuf/wire-writer.ts';
import { MOST, PreparedBytes } from './prepared-bytes.ts';

it('writes what comes again once', () => {
  const [prepared, wrote] = [new PreparedBytes(), [] as string[]];
  const bytesOf = (key: string): Uint8Array =>
    prepared.of(key, (writer: WireWriter) => {
      wrote.push(key);
      writer.text(key);
    });
  assert.deepEqual(bytesOf('a'), Uint8Array.of(1, 0x61));
  assert.deepEqual(bytesOf('b'), Uint8Array.of(1, 0x62));
  assert.equal(bytesOf('a'), bytesOf('a'));
  assert.deepEqual(wrote, ['a', 'b']);
  // Endpoints come and go, and it is bounded all the same.
  for (let i = 0; i < MOST; i++) bytesOf(String(i));
  bytesOf('a');
  assert.deepEqual(wrote.slice(-2), [String(MOST - 1), 'a']);
});
