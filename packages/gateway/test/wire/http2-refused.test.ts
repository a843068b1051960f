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
  // What comes together with the preface is read in one go, and what was reset by then never begins.
  await client.frame('settings', ({ type }) => type === TYPE.settings);
  for (const stream of [1, 3, 5]) client.send(get(stream), frame(TYPE.rst, 0, stream, CANCEL));
  client.send(get(7));
  // Node.js refuses as well, for as long as it has not forgotten the three.
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
  for (const stream of [11, 13, 15]) client.send(get(stream), frame(TYPE.rst, 0, stream, CANCEL));
  for (let stream = 17; !client.isClosed && stream < 1000; stream += 2) {
    client.send(get(stream));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await client.ended(), ENHANCE_YOUR_CALM);
  assert.equal(abused.length, 1);
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
