import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { answer, eventually, reply, stall } from '@turnpike/testkit';
import { gateway, type Rig } from './fixture.ts';
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

const PROTOCOL_ERROR = 1;
const FLOW_CONTROL_ERROR = 3;
const STREAM_CLOSED = 5;
const ENHANCE_YOUR_CALM = 11;

/** What a connection may be ended for, and the frames that do it: a part at a time, until it is ended. */
const FLOODS: Readonly<Record<string, { kind: string; code?: number; part(round: number): Buffer }>> = {
  'rapid resets': {
    kind: 'reset',
    part: (round) =>
      many(20, (i) => [get(id(round, 20, i)), frame(TYPE.rst, 0, id(round, 20, i), uint32(8))]),
  },
  'resets that it makes us send, by more data after the end': {
    kind: 'frames',
    code: STREAM_CLOSED,
    part: (round) =>
      many(20, (i) => [get(id(round, 20, i), '/slow'), frame(TYPE.data, 0, id(round, 20, i), Buffer.of(1))]),
  },
  'resets that it makes us send, by another head after the end': {
    kind: 'frames',
    code: STREAM_CLOSED,
    part: (round) => many(20, (i) => [get(id(round, 20, i), '/slow'), get(id(round, 20, i), '/slow')]),
  },
  'resets that it makes us send, by malformed requests': {
    kind: 'frames',
    part: (round) =>
      many(20, (i) => [
        frame(
          TYPE.headers,
          END_STREAM | END_HEADERS,
          id(round, 20, i),
          block([...pseudo(), ['connection', 'close']]),
        ),
      ]),
  },
  'a window that overflows': {
    kind: 'frames',
    code: FLOW_CONTROL_ERROR,
    part: (round) =>
      many(20, (i) => [
        get(id(round, 20, i), '/slow'),
        frame(TYPE.windowUpdate, 0, id(round, 20, i), uint32(2 ** 31 - 1)),
      ]),
  },
  'a window update of nothing': {
    kind: 'frames',
    code: PROTOCOL_ERROR,
    part: (round) =>
      many(20, (i) => [
        get(id(round, 20, i), '/slow'),
        frame(TYPE.windowUpdate, 0, id(round, 20, i), uint32(0)),
      ]),
  },
  'a header block that never ends': {
    kind: 'frames',
    code: PROTOCOL_ERROR,
    part: (round) =>
      round === 0
        ? frame(TYPE.headers, END_STREAM, 1, block(pseudo()))
        : many(4, (i) => [frame(TYPE.continuation, 0, 1, block([[`x-${round}-${i}`, 'y']]))]),
  },
  SETTINGS: { kind: 'settings', part: () => many(5, () => [frame(TYPE.settings, 0, 0)]) },
  PING: { kind: 'ping', part: () => many(10, () => [frame(TYPE.ping, 0, 0, Buffer.alloc(8))]) },
  'empty DATA': {
    kind: 'frames',
    part: (round) =>
      round === 0
        ? frame(TYPE.headers, END_HEADERS, 1, block(pseudo('POST', '/slow')))
        : many(10, () => [frame(TYPE.data, 0, 1)]),
  },
  'window updates': {
    kind: 'chatter',
    part: () => many(2000, () => [frame(TYPE.windowUpdate, 0, 0, uint32(1))]),
  },
  priorities: {
    kind: 'frames',
    part: () => many(2000, () => [frame(TYPE.priority, 0, 3, Buffer.of(0, 0, 0, 0, 1))]),
  },
  'frames of an unknown type': {
    kind: 'frames',
    part: () => many(20, () => [frame(TYPE.unknown, 0, 0, Buffer.alloc(2000))]),
  },
  'more streams than it may have': {
    kind: 'frames',
    code: PROTOCOL_ERROR,
    part: (round) => many(50, (i) => [get(id(round, 50, i), '/slow')]),
  },
};

function id(round: number, each: number, i: number): number {
  return 2 * (round * each + i) + 1;
}

function many(count: number, part: (i: number) => readonly Buffer[]): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => part(i)).flat());
}

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

  it('ends a connection with a preface that is none', async (t) => {
    const rig = await flooded(t);
    const client = await frameClient(t, rig.plane.port, [Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n')]);
    await eventually(() => client.isClosed, 'the end');
    const again = await frameClient(t, rig.plane.port, [PREFACE, frame(TYPE.headers, 5, 1, block(pseudo()))]);
    await eventually(() => again.isClosed, 'the end');
  });
});
