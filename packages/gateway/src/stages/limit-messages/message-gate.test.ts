import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { excessOf, MessageGate } from './message-gate.ts';

function message(length: number): Buffer {
  const bytes = Buffer.alloc(5 + length, 'm');
  bytes[0] = 0;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** What goes on of the bytes in pieces of that size. */
function through(bytes: Buffer, size: number, maxBytes: number) {
  const gate = new MessageGate(maxBytes);
  const passed: Buffer[] = [];
  for (let at = 0; at < bytes.length && gate.excess === 0; at += size)
    passed.push(Buffer.from(gate.pass(bytes.subarray(at, at + size))));
  return { gate, passed: Buffer.concat(passed) };
}

describe('a gate for messages', () => {
  const small = Buffer.concat([message(0), message(10), message(7)]);

  it('lets those pass that are not too large, in whatever pieces they come', () => {
    for (let size = 1; size <= small.length; size++) {
      const { gate, passed } = through(small, size, 10);
      assert.deepEqual([passed.equals(small), gate.excess, gate.isBetween], [true, 0, true], `${size}`);
    }
  });

  it('lets no byte pass of one that is, and all before it', () => {
    const bytes = Buffer.concat([small, message(11)]);
    for (let size = 1; size <= bytes.length; size++) {
      const { gate, passed } = through(bytes, size, 10);
      assert.deepEqual([passed.equals(small), gate.excess, gate.isBetween], [true, 11, true], `${size}`);
      assert.equal(gate.beyond[0], 0);
    }
  });

  it('gives back the part of a prefix after which nothing came', () => {
    const { gate, passed } = through(Buffer.of(0, 0, 0), 1, 10);
    assert.deepEqual([passed.length, gate.rest()?.length, gate.rest()], [0, 3, null]);
  });

  it('reads lengths without a sign', () => {
    assert.equal(excessOf(Buffer.of(0, 255, 255, 255, 255).toString('latin1'), 10), 2 ** 32 - 1);
    assert.equal(excessOf(small.toString('latin1'), 10), 0);
  });
});
