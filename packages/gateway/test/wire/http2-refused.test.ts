import assert from 'node:assert/strict';
import { it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { connectionRig, replyOf } from './connection-rig.ts';
import {
  block,
  END_HEADERS,
  END_STREAM,
  frame,
  frameClient,
  get,
  pseudo,
  TYPE,
  uint32,
} from './http2-frames.ts';

const CANCEL = uint32(8);
const REFUSED_STREAM = 7;
const ENHANCE_YOUR_CALM = 11;

it('counts streams that were reset until their work has ended', async (t) => {
  const { port, working, abused } = await connectionRig(t);
  const client = await frameClient(t, port);
  const resetLate = async (...streams: number[]): Promise<void> => {
    client.send(...streams.map((stream) => get(stream)));
    await eventually(() => working.length === streams.length, 'their beginning');
    client.send(...streams.map((stream) => frame(TYPE.rst, 0, stream, CANCEL)));
  };
  await resetLate(1, 3, 5);
  client.send(get(7));
  assert.ok([REFUSED_STREAM, ENHANCE_YOUR_CALM].includes(await client.reset(7)));
  assert.equal(working.length, 3);

  const reply = replyOf('late');
  for (const { answer } of working.splice(0)) answer(reply);
  await new Promise((resolve) => setImmediate(resolve));
  client.send(get(9));
  await eventually(() => working.length === 1, 'a request, when there is room again');
  working[0]?.answer(reply);
  await client.whole(9);

  // Nobody does this for long.
  working.splice(0);
  await resetLate(11, 13, 15);
  for (let stream = 17; !client.isClosed && stream < 1000; stream += 2) {
    client.send(get(stream));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await client.ended(), ENHANCE_YOUR_CALM);
  assert.equal(abused.length, 1);
});

it('does not begin what was reset in the same moment', async (t) => {
  const { port, working } = await connectionRig(t);
  const client = await frameClient(t, port);
  await client.frame('settings', ({ type }) => type === TYPE.settings);
  client.send(...[1, 3, 5].flatMap((stream) => [get(stream), frame(TYPE.rst, 0, stream, CANCEL)]));
  client.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
  await client.frame('the answer to a ping', ({ type }) => type === TYPE.ping);
  client.send(get(7, '/later'));
  await eventually(() => working.length > 0, 'a request');
  assert.deepEqual(
    working.map(({ exchange }) => exchange.path),
    ['/later'],
  );
});

for (const [what, fields] of [
  ['cannot be understood', pseudo('HEAD', '/%zz')],
  ['is too large', [...pseudo('HEAD'), ...Array.from({ length: 310 }, () => ['x', 'y'] as const)]],
] as const) {
  it(`answers a HEAD that ${what} without a body`, async (t) => {
    const client = await frameClient(t, (await connectionRig(t)).port);
    client.send(frame(TYPE.headers, END_STREAM | END_HEADERS, 1, block(fields)));
    await client.whole(1);
    const answer = client.frames.filter(({ stream }) => stream === 1);
    assert.deepEqual(
      answer.map(({ type }) => type),
      [TYPE.headers],
    );
  });
}
