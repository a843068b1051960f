import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { FrameHeader, LONGEST_HEADER_BYTES, NO_CODE, OPCODES } from './frame-header.ts';
import { closePayload, frameOf, readAs } from './frames-testing.ts';

describe('the header of a frame', () => {
  it('is read from as many bytes as it has, whatever it says', () => {
    const parts = fc.record({
      opcode: fc.integer({ min: 0, max: 15 }),
      reserved: fc.integer({ min: 0, max: 7 }),
      isFinal: fc.boolean(),
      isMasked: fc.boolean(),
      payload: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(70_000))),
    });
    fc.assert(
      fc.property(parts, fc.nat(20), (frame, before) => {
        const bytes = Buffer.concat([Buffer.alloc(before, 0xff), frameOf(frame)]);
        const header = new FrameHeader();
        const end = header.read(bytes, before, bytes.length);
        assert.ok(end - before <= LONGEST_HEADER_BYTES);
        const { opcode, reserved, isFinal, isMasked, payload } = frame;
        assert.deepEqual(readAs(header), {
          isFinal,
          reserved,
          opcode,
          isMasked,
          length: payload.length,
          code: opcode === OPCODES.close && payload.length > 1 ? payload[0]! * 256 + payload[1]! : NO_CODE,
        });
        assert.equal(bytes.length - end, payload.length - header.payloadRead);
        for (let to = before; to < end; to++) assert.equal(header.read(bytes, before, to), -1);
      }),
    );
  });

  it('knows the lengths that are not written as they must be', () => {
    const header = new FrameHeader();
    const cases = [
      [frameOf({ payload: 'x'.repeat(125), lengthBytes: 2 }), true],
      [frameOf({ payload: 'x'.repeat(126), lengthBytes: 2 }), false],
      [frameOf({ payload: 'x'.repeat(65_535), lengthBytes: 8 }), true],
      [frameOf({ payload: 'x'.repeat(65_536), lengthBytes: 8 }), false],
      [Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), true],
    ] as const;
    for (const [bytes, isOdd] of cases) {
      assert.notEqual(header.read(bytes, 0, bytes.length), -1);
      assert.equal(header.isLengthOdd, isOdd);
    }
  });

  it('has the code of a Close, masked or not', () => {
    const header = new FrameHeader();
    for (const isMasked of [true, false]) {
      const bytes = frameOf({ opcode: OPCODES.close, isMasked, payload: closePayload(1001, 'bye') });
      assert.equal(header.read(bytes, 0, bytes.length), bytes.length - 3);
      assert.equal(header.code, 1001);
    }
  });
});
