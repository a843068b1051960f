import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { answer, eventually, reply, stall } from '@turnpike/testkit';
import { gateway, type Rig } from './fixture.ts';
import { ENHANCE_YOUR_CALM, FLOODS } from './http2-floods.ts';
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
} from './http2-frames.ts';

function abuse(rig: Rig): Record<string, number> {
  const found = rig.plane
    .metrics()
    .matchAll(/^turnpike_http2_abuse_total\{[^}]*kind="([a-z]+)"[^}]*\} (\d+)/gm);
  return Object.fromEntries(Array.from(found, ([, kind = '', count]) => [kind, Number(count)]));
}

async function flooded(t: TestContext): Promise<Rig> {
  return gateway(t, {
    upstream: (talk) => (talk.target === '/slow' ? stall(talk) : answer(reply('ok'))(talk)),
    listener: { limits: { bodyTimeout: '2s' } },
  });
}

describe('floods of frames', () => {
  for (const [what, { kind, part, code = ENHANCE_YOUR_CALM }] of Object.entries(FLOODS)) {
    it(`ends a connection with ${what}, and serves the others`, async (t) => {
      const rig = await flooded(t);
      const other = await frameClient(t, rig.plane.port);
      const attacker = await frameClient(t, rig.plane.port);
      for (let round = 0; round < 5000 && !attacker.isClosed; round++) {
        attacker.send(part(round));
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(await attacker.ended(), code);
      assert.equal(abuse(rig)[kind], 1);
      other.send(get(1));
      await other.whole(1);
      await eventually(() => rig.plane.inflight() === 0, 'the end of what the attacker asked for');
    });
  }

  it('takes a header block in a few pieces', async (t) => {
    const rig = await flooded(t);
    const client = await frameClient(t, rig.plane.port);
    const pieces = [1, 2, 3].map((i) => frame(TYPE.continuation, 0, 1, block([[`x-${i}`, 'y']])));
    client.send(
      frame(TYPE.headers, END_STREAM, 1, block(pseudo())),
      ...pieces,
      frame(TYPE.continuation, END_HEADERS, 1),
    );
    await client.whole(1);
    assert.match(rig.upstream.requests[0]?.head ?? '', /x-3: y/);
  });

  it('serves a hundred requests that come together', async (t) => {
    const rig = await flooded(t);
    const client = await frameClient(t, rig.plane.port);
    const ids = Array.from({ length: 100 }, (_, i) => 2 * i + 1);
    client.send(...ids.map((id) => get(id)));
    await Promise.all(ids.map((id) => client.whole(id)));
    assert.equal(rig.upstream.requests.length, 100);
  });

  it('ends a connection with a preface that is none', async (t) => {
    const rig = await flooded(t);
    const client = await frameClient(t, rig.plane.port, [Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n')]);
    await eventually(() => client.isClosed, 'the end');
    const again = await frameClient(t, rig.plane.port, [PREFACE, frame(TYPE.headers, 5, 1, block(pseudo()))]);
    await eventually(() => again.isClosed, 'the end');
  });
});
