import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyOfReads } from '../../core/body-testing.ts';
import type { BodySource } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import { TimingWheel } from '../../core/timing-wheel.ts';
import { discardBody } from './discard-body.ts';

const piece = (bytes: number): Buffer[] => [Buffer.alloc(bytes)];

describe('a body that nobody gets', () => {
  it('is read to its end when it is small', () => {
    const body = new BodyOfReads(piece(8000), piece(8384));
    discardBody(body, new TimingWheel(() => 0));
    assert.deepEqual([body.left, body.isCancelled], [0, false]);
  });

  it('is given up when it turns out to be large', () => {
    const body = new BodyOfReads(piece(8000), piece(8385), piece(1));
    discardBody(body, new TimingWheel(() => 0));
    assert.equal(body.isCancelled, true);
  });

  it('is not even read when it says that it is large', () => {
    let isCancelled = false;
    const body: BodySource = {
      length: 16_385,
      readTo: () => assert.fail('it was read'),
      resume() {},
      cancel: () => (isCancelled = true),
    };
    discardBody(body, new TimingWheel(() => 0));
    assert.equal(isCancelled, true);
  });

  it('is given up after a second, and not when it is over', () => {
    for (const ending of ['none', 'end', 'fail'] as const) {
      let nowMs = 1000;
      let isCancelled = false;
      const wheel = new TimingWheel(() => nowMs);
      const body: BodySource = {
        length: 10,
        readTo(sink) {
          if (ending === 'end') sink.end(null);
          if (ending === 'fail') sink.fail(new GatewayError('UPSTREAM_INCOMPLETE', 'it broke off'));
        },
        resume() {},
        cancel: () => (isCancelled = true),
      };
      discardBody(body, wheel);
      nowMs += 1100;
      wheel.advance();
      assert.equal(isCancelled, ending === 'none', ending);
    }
  });
});
