import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameHeader, OPCODES } from './frame-header.ts';
import { FrameRules, type Violation } from './frame-rules.ts';
import { closePayload, frameOf, type FrameParts } from './frames-testing.ts';

const NONE = { maxMessageBytes: null, messages: null };
const { text, continuation, close, ping, pong } = OPCODES;

/** What the rules say of the last of these frames of a client. All before it have to pass. */
function verdict(
  frames: readonly FrameParts[],
  config: ConstructorParameters<typeof FrameRules>[1] = NONE,
  bits = 0,
): Violation['end'] | null {
  const rules = new FrameRules('client', config, bits);
  let last: Violation | null = null;
  for (const parts of frames) {
    assert.equal(last, null);
    const bytes = frameOf({ isMasked: true, ...parts });
    const header = new FrameHeader();
    assert.notEqual(header.read(bytes, 0, bytes.length), -1);
    last = rules.check(header, 0);
  }
  return last?.end ?? null;
}

describe('what may go through a WebSocket', () => {
  for (const [name, frames] of [
    ['a message', [{ payload: 'hello' }]],
    ['an empty message', [{}]],
    [
      'a message in parts with a ping between',
      [{ isFinal: false }, { opcode: ping }, { opcode: continuation }],
    ],
    [
      'two messages in parts',
      [{ isFinal: false }, { opcode: continuation }, { isFinal: false }, { opcode: continuation }],
    ],
    ['a ping of 125 bytes', [{ opcode: ping, payload: 'x'.repeat(125) }]],
    ['a pong that nobody asked for', [{ opcode: pong }]],
    ['a Close without a code', [{ opcode: close }]],
    ['a Close of the application', [{ opcode: close, payload: closePayload(4999, 'why') }]],
  ] as const satisfies [string, FrameParts[]][]) {
    it(name, () => assert.equal(verdict(frames), null));
  }
});

describe('what breaks the protocol', () => {
  for (const [name, frames] of [
    ['a frame without a mask', [{ isMasked: false }]],
    ['reserved bits', [{ reserved: 4 }]],
    ['a length in too many bytes', [{ payload: 'x', lengthBytes: 2 }]],
    ['an unknown opcode', [{ opcode: 3 }]],
    ['an unknown opcode of control', [{ opcode: 11 }]],
    ['a part of nothing', [{ opcode: continuation }]],
    ['a message within another', [{ isFinal: false }, { opcode: text }]],
    ['a control frame in parts', [{ opcode: ping, isFinal: false }]],
    ['a control frame of 126 bytes', [{ opcode: ping, payload: 'x'.repeat(126) }]],
    ['half a close code', [{ opcode: close, payload: 'x' }]],
    ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map((code): [string, FrameParts[]] => [
      `the close code ${code}`,
      [{ opcode: close, payload: closePayload(code) }],
    ]),
  ] as [string, FrameParts[]][]) {
    it(name, () => assert.equal(verdict(frames), 'protocol'));
  }

  it('lets those reserved bits pass that were agreed on', () => {
    assert.equal(verdict([{ reserved: 4 }], NONE, 4), null);
    assert.equal(verdict([{ reserved: 2 }], NONE, 4), 'protocol');
  });

  it('wants no mask of services', () => {
    const rules = new FrameRules('service', NONE, 0);
    const header = new FrameHeader();
    for (const [isMasked, end] of [
      [false, undefined],
      [true, 'protocol'],
    ] as const) {
      header.read(frameOf({ isMasked }), 0, 6);
      assert.equal(rules.check(header, 0)?.end, end);
    }
  });
});

describe('limits of messages', () => {
  const small = { ...NONE, maxMessageBytes: 10 };

  it('count all parts of a message, and begin anew with the next', () => {
    const part = { payload: '12345' };
    assert.equal(
      verdict([{ ...part, isFinal: false }, { ...part, opcode: continuation }, part], small),
      null,
    );
    assert.equal(
      verdict(
        [
          { ...part, isFinal: false },
          { payload: '123456', opcode: continuation },
        ],
        small,
      ),
      'message-size',
    );
    assert.equal(verdict([{ payload: '12345678901' }], small), 'message-size');
  });

  it('let so many messages through, and as many again with time', () => {
    const rules = new FrameRules('client', { ...NONE, messages: { limit: 3, perMs: 300 } }, 0);
    const header = new FrameHeader();
    const send = (nowMs: number, parts: FrameParts = {}) => {
      const bytes = frameOf({ isMasked: true, ...parts });
      header.read(bytes, 0, bytes.length);
      return rules.check(header, nowMs)?.end ?? null;
    };
    assert.deepEqual([send(0), send(0), send(0)], [null, null, null]);
    assert.equal(send(99), 'message-rate');
    assert.deepEqual([send(100), send(200)], [null, null]);
    assert.equal(send(200), 'message-rate');
    assert.deepEqual([send(1000), send(1000), send(1000)], [null, null, null]);
    assert.equal(send(1000, { opcode: ping }), 'message-rate');
  });

  it('count parts only when they are empty: the others are bounded by their message', () => {
    const limited = { ...NONE, messages: { limit: 1, perMs: 1000 } };
    const begun = { isFinal: false };
    assert.equal(verdict([begun, { opcode: continuation, payload: 'x', isFinal: false }], limited), null);
    assert.equal(verdict([begun, { opcode: continuation, isFinal: false }], limited), 'message-rate');
  });
});
