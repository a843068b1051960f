// Replies that come in the moment in which their stream goes, and bodies that take their time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { Headers } from '../../src/core/headers.ts';
import { TAKEN } from '../../src/core/body.ts';
import { connectionRig, replyOf } from './connection-rig.ts';
import {
  block,
  END_HEADERS,
  END_STREAM,
  frame,
  frameClient,
  get,
  PREFACE,
  pseudo,
  TYPE,
  uint32,
} from './http2-frames.ts';

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

it('leaves the end of an answer to a client that takes its time, also when the connection is over', async (t) => {
  const rig = await connectionRig(t);
  const client = await frameClient(t, rig.port, [
    PREFACE,
    frame(TYPE.settings, 0, 0, Buffer.of(0, 4, 0x7f, 255, 255, 255)),
    frame(TYPE.windowUpdate, 0, 0, uint32(2 ** 30)),
  ]);
  client.send(get(1));
  await eventually(() => rig.working.length === 1, 'an exchange');
  client.socket.pause();
  rig.working[0]?.answer(replyOf('x'.repeat(500_000)));
  // The connection is over after ten seconds, and for ten more the client has time.
  for (let second = 0; second < 19; second++) {
    await new Promise((resolve) => setImmediate(resolve));
    rig.advance(1000);
  }
  // As clients do while they read.
  client.send(frame(TYPE.windowUpdate, 0, 0, uint32(1)));
  client.socket.resume();
  await client.whole(1);
  await client.frame('GOAWAY', ({ type }) => type === TYPE.goaway);
  await eventually(() => client.isClosed, 'the end of the connection');
});

it('waits no longer than that for a client that does not end its side', async (t) => {
  const rig = await connectionRig(t);
  const client = await frameClient(t, rig.port);
  client.send(get(1));
  await eventually(() => rig.working.length === 1, 'an exchange');
  rig.working[0]?.answer(replyOf('x'));
  await client.whole(1);
  client.socket.pause();
  for (let second = 0; second < 22; second++) {
    await new Promise((resolve) => setImmediate(resolve));
    rig.advance(1000);
  }
  // Nobody is there any more: what is sent is answered with a reset.
  await eventually(() => {
    client.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
    return client.socket.destroyed;
  }, 'a reset');
});

describe('an upload', () => {
  const PIECE = Buffer.alloc(16_000, 'u');

  it('that takes long is no abuse, however much of it there is', async (t) => {
    const rig = await connectionRig(t);
    const client = await frameClient(t, rig.port);
    client.send(frame(TYPE.headers, END_HEADERS, 1, block(pseudo('POST'))));
    await eventually(() => rig.working.length === 1, 'an exchange');
    const [{ exchange, answer } = assert.fail()] = rig.working;
    let bytes = 0;
    assert.ok(typeof exchange.body === 'object' && exchange.body !== null);
    exchange.body.readTo({
      write(chunk) {
        bytes += chunk.length;
        return TAKEN;
      },
      flush() {},
      end: () => answer(replyOf(String(bytes))),
      fail: (error) => assert.fail(error),
    });
    for (let piece = 1; piece <= 100; piece++) {
      client.send(frame(TYPE.data, piece === 100 ? END_STREAM : 0, 1, PIECE));
      await eventually(() => bytes === piece * PIECE.length, 'a piece');
      rig.advance(100);
    }
    await client.whole(1);
    rig.advance(2000);
    assert.deepEqual(rig.abused, []);
  });

  it('in very small pieces is', async (t) => {
    const rig = await connectionRig(t);
    const client = await frameClient(t, rig.port);
    client.send(frame(TYPE.headers, END_HEADERS, 1, block(pseudo('POST'))));
    await eventually(() => rig.working.length === 1, 'an exchange');
    const body = rig.working[0]?.exchange.body;
    assert.ok(typeof body === 'object' && body !== null);
    body.readTo({ write: () => TAKEN, flush() {}, end() {}, fail() {} });
    const pieces = Buffer.concat(Array.from({ length: 1000 }, () => frame(TYPE.data, 0, 1, Buffer.of(1))));
    for (let i = 0; i < 200 && !client.isClosed; i++) {
      client.send(pieces);
      await new Promise((resolve) => setImmediate(resolve));
      rig.advance(20);
    }
    assert.equal(await client.ended(), ENHANCE_YOUR_CALM);
    assert.deepEqual(rig.abused, ['chatter']);
  });
});

describe('PINGs', () => {
  it('while answers come are no abuse', async (t) => {
    const rig = await connectionRig(t);
    const client = await frameClient(t, rig.port);
    for (let i = 0; i < 100; i++) {
      client.send(get(2 * i + 1));
      await eventually(() => rig.working.length === 1, 'an exchange');
      rig.working.pop()?.answer(replyOf('x'.repeat(100)));
      await client.whole(2 * i + 1);
      client.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
    }
    await eventually(() => client.frames.filter(({ type }) => type === TYPE.ping).length === 100, 'answers');
    assert.deepEqual(rig.abused, []);
  });
});
