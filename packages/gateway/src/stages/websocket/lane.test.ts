import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { KEPT, UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import { FrameRules } from './frame-rules.ts';
import { closePayload, frameOf, type FrameParts } from './frames-testing.ts';
import { Lane, type LaneOwner } from './lane.ts';

const GOODBYE = frameOf({ opcode: 8, payload: closePayload(1001, 'bye') });
const PING = frameOf({ opcode: 9 });

/** A lane from a service, what its owner heard, and what its receiver got. */
function rig(isStrict: boolean) {
  const heard: string[] = [];
  const got: Buffer[] = [];
  const owner: LaneOwner = {
    nowMs: 0,
    heard: () => {},
    message: () => heard.push('message'),
    closeHeard: (_, code) => heard.push(`close ${code}`),
    broken: (_, { detail }) => heard.push(detail),
    ended: () => heard.push('ended'),
    left: () => heard.push('left'),
  };
  const source: BodySource = { length: UNKNOWN_LENGTH, readTo: () => {}, resume: () => {}, cancel: () => {} };
  const sink: BodySink = {
    write(chunk) {
      got.push(Buffer.from(chunk));
      return KEPT;
    },
    flush: () => {},
    end: () => heard.push('end'),
    fail: () => heard.push('fail'),
  };
  const rules = isStrict ? new FrameRules('service', { maxMessageBytes: null, messages: null }, 7) : null;
  const lane = new Lane('service', owner, rules, source);
  lane.readTo(sink);
  return { lane, heard, got: () => Buffer.concat(got) };
}

const message = fc.record({
  opcode: fc.constantFrom(1, 2, 9, 10),
  payload: fc.oneof(fc.uint8Array({ maxLength: 125 })),
  reserved: fc.integer({ min: 0, max: 7 }),
});
const longMessage = fc.record({ payload: fc.uint8Array({ minLength: 126, maxLength: 400 }) });
const frames: fc.Arbitrary<FrameParts[]> = fc.array(fc.oneof(message, longMessage), { maxLength: 12 });

/** The same bytes in pieces that end anywhere. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe('a lane of a WebSocket', () => {
  for (const isStrict of [true, false]) {
    const how = isStrict ? 'with rules' : 'without rules';

    it(`${how} passes on what came, however it came`, () => {
      fc.assert(
        fc.property(frames, fc.array(fc.nat(), { maxLength: 12 }), (list, cuts) => {
          const { lane, heard, got } = rig(isStrict);
          const sent = Buffer.concat(list.map((parts) => frameOf(parts)));
          for (const piece of pieces(sent, cuts)) lane.write(piece);
          assert.ok(got().equals(sent));
          const messages = list.filter(({ opcode = 1 }) => opcode < 8).length;
          assert.deepEqual(
            heard,
            Array.from({ length: messages }, () => 'message'),
          );
        }),
      );
    });

    it(`${how} says goodbye between two frames, and nothing after it`, () => {
      const cuts = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
      fc.assert(
        fc.property(frames, cuts, fc.nat(), fc.boolean(), (list, where, when, alsoPings) => {
          const { lane, got } = rig(isStrict);
          const each = list.map((parts) => frameOf(parts));
          const all = pieces(Buffer.concat(each), where);
          for (const [index, piece] of all.entries()) {
            if (index === when % all.length) {
              if (alsoPings) lane.ping(PING);
              lane.close(GOODBYE);
            }
            lane.write(piece);
          }
          const text = got();
          const at = text.length - GOODBYE.length;
          assert.ok(text.subarray(at).equals(GOODBYE));
          const before = text.subarray(0, at);
          const ends = each.map((_, i) => Buffer.concat(each.slice(0, i + 1)));
          const isPing = (bytes: Buffer) => bytes.subarray(-2).equals(PING);
          const plain = alsoPings && isPing(before) ? before.subarray(0, -2) : before;
          assert.ok([Buffer.alloc(0), ...ends].some((end) => end.equals(plain) || end.equals(before)));
        }),
      );
    });
  }

  it('tells of a Close when all of it has passed, and passes nothing after it', () => {
    const { lane, heard, got } = rig(false);
    const close = frameOf({ opcode: 8, payload: closePayload(4000, 'gone') });
    for (const byte of close) lane.write(Buffer.from([byte]));
    lane.write(frameOf({ payload: 'too late' }));
    assert.deepEqual(heard, ['close 4000']);
    assert.ok(got().equals(close));
  });

  it('still hears the answer after a goodbye of ours', () => {
    const { lane, heard, got } = rig(true);
    lane.write(frameOf({ payload: 'hello' }).subarray(0, 4));
    lane.close(GOODBYE);
    lane.write(frameOf({ payload: 'hello' }).subarray(4));
    lane.write(frameOf({ payload: 'more' }));
    lane.write(frameOf({ opcode: 8, payload: closePayload(1001) }));
    assert.ok(got().equals(Buffer.concat([frameOf({ payload: 'hello' }), GOODBYE])));
    assert.deepEqual(heard, ['message', 'close 1001']);
  });

  it('passes nothing of a frame that breaks the rules, nor anything after it', () => {
    const good = frameOf({ payload: 'good' });
    const bad = frameOf({ opcode: 3, payload: 'x'.repeat(300) });
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (cuts) => {
        const { lane, heard, got } = rig(true);
        for (const piece of pieces(Buffer.concat([good, bad, good]), cuts)) lane.write(piece);
        assert.ok(got().equals(good));
        assert.deepEqual(heard, ['message', 'unknown opcode']);
      }),
    );
  });

  it('survives whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), fc.boolean(), (chunks, isStrict) => {
        const { lane, got } = rig(isStrict);
        for (const chunk of chunks) lane.write(Buffer.from(chunk));
        const sent = Buffer.concat(chunks);
        assert.ok(sent.subarray(0, got().length).equals(got()));
      }),
    );
  });
});
