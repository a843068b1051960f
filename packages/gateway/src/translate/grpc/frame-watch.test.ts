import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { FrameWatch } from './frame-watch.ts';
import { frame, FrameReader } from './frames.ts';

const LIMITS = { messageBytes: 30, tooLarge: 'BODY_TOO_LARGE', incomplete: 'INVALID_REQUEST' } as const;

/** How something took a stream. */
function outcome(run: () => void): ErrorCode | 'taken' {
  try {
    run();
    return 'taken';
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    return error.code;
  }
}

describe('FrameWatch', () => {
  it('takes what the reader of whole messages takes, however it is cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 33 }), { maxLength: 5 });
    const spare = fc.uint8Array({ maxLength: 7 }).map((bytes) => bytes.map((byte) => byte % 2));
    fc.assert(
      fc.property(messages, spare, fc.integer({ min: 1, max: 9 }), (list, rest, step) => {
        const bytes = Buffer.concat([...list.map((message, i) => frame(i % 2, message)), rest]);
        const feed = (see: (piece: Buffer) => void): void => {
          for (let at = 0; at < bytes.length; at += step) see(bytes.subarray(at, at + step));
        };
        const watch = new FrameWatch(LIMITS);
        const reader = new FrameReader(LIMITS, () => {});
        const watched = outcome(() => {
          feed((piece) => watch.see(piece));
          watch.end();
        });
        const read = outcome(() => {
          feed((piece) => reader.feed(piece));
          reader.end();
        });
        assert.equal(watched, read);
      }),
      { numRuns: 2000 },
    );
  });

  it('knows when it stands between two messages', () => {
    const watch = new FrameWatch(LIMITS);
    const bytes = frame(0, Buffer.from('abc'));
    const between = Array.from(bytes, (_, i) => {
      const was = watch.isBetween;
      watch.see(bytes.subarray(i, i + 1));
      return was;
    });
    assert.deepEqual(between, [true, ...Array<boolean>(bytes.length - 1).fill(false)]);
    assert.equal(watch.isBetween, true);
  });

  it('refuses flags that no message has', () => {
    for (const flags of [2, 3, 0x80, 0x81]) {
      const watch = new FrameWatch(LIMITS);
      assert.equal(
        outcome(() => watch.see(frame(flags, Buffer.alloc(0)))),
        'INVALID_REQUEST',
      );
    }
  });
});
