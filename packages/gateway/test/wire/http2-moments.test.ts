// Replies that come in the moment in which their stream goes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { Headers } from '../../src/core/headers.ts';
import { connectionRig, replyOf } from './connection-rig.ts';
import { frame, frameClient, get, TYPE, uint32 } from './http2-frames.ts';

const ENHANCE_YOUR_CALM = 11;

describe('a reply', () => {
  for (const [moment, late] of [
    ['in the moment', (answer: () => void) => answer()],
    ['a turn later', (answer: () => void) => void setImmediate(answer)],
    ['a tick later', (answer: () => void) => process.nextTick(answer)],
    ['a promise later', (answer: () => void) => void Promise.resolve().then(answer)],
  ] as const) {
    it(`${moment} in which its connection is ended for abuse goes nowhere`, async (t) => {
      const rig = await connectionRig(t);
      const client = await frameClient(t, rig.port);
      client.send(get(1), get(3));
      await eventually(() => rig.working.length === 2, 'two exchanges');
      rig.whenAbused = () =>
        late(() => {
          for (const { exchange, answer } of rig.working) {
            exchange.inform(103, new Headers());
            answer(replyOf('late'));
          }
        });
      for (let i = 0; i < 50 && !client.isClosed; i++) client.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
      assert.equal(await client.ended(), ENHANCE_YOUR_CALM);
      assert.deepEqual(rig.errors, []);
    });

    it(`${moment} in which its client resets it goes nowhere`, async (t) => {
      const rig = await connectionRig(t);
      const client = await frameClient(t, rig.port);
      for (let stream = 1; stream < 40; stream += 2) {
        client.send(get(stream));
        await eventually(() => rig.working.length === 1, 'an exchange');
        const [{ exchange, answer } = assert.fail()] = rig.working.splice(0);
        exchange.whenCancelled({
          cancelled: () =>
            late(() => {
              exchange.inform(103, new Headers());
              answer(replyOf('late'));
            }),
        });
        client.send(frame(TYPE.rst, 0, stream, uint32(8)));
      }
      client.send(get(101));
      await eventually(() => rig.working.length === 1, 'another exchange');
      rig.working[0]?.answer(replyOf('in time'));
      await client.whole(101);
      assert.deepEqual(rig.errors, []);
    });
  }
});
