import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Http2Stream } from './http2-stream.ts';
import { ServerSession } from './server-session.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const GET = Buffer.from('8286844101 78'.replace(' ', ''), 'hex');

function frame(type: number, flags: number, id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

const SETTINGS = frame(4, 0, 0);

/** Gives bytes that nobody else has to a session. */
function feed(its: ServerSession, parts: Buffer): WeakRef<ArrayBufferLike> {
  const bytes = Buffer.allocUnsafeSlow(parts.length);
  parts.copy(bytes);
  its.received(bytes, bytes.length);
  return new WeakRef(bytes.buffer);
}

/** A session whose owner answers nothing, and what it has heard. */
function session() {
  const output = new PassThrough({ highWaterMark: 2 ** 20 });
  const heard: string[] = [];
  const streams: Http2Stream[] = [];
  const it = new ServerSession(
    output as unknown as Socket,
    { bytes: 1000, fields: 20, maxConcurrentStreams: 10 },
    {
      opened(stream, pairs, { ends }) {
        streams.push(stream);
        heard.push(`${stream.id} ${ends ? 'whole' : 'open'} ${pairs.join(' ')}`);
        stream.listener = {
          data: (chunk) => heard.push(`${stream.id} data ${chunk.toString('latin1')}`),
          ended: (trailers) => heard.push(`${stream.id} end ${trailers?.join(' ') ?? ''}`),
          drained: () => heard.push(`${stream.id} drained`),
          closed: (isWhole) => heard.push(`${stream.id} ${isWhole ? 'done' : 'lost'}`),
        };
      },
      counted: (kind) => heard.push(kind),
      broken: () => heard.push('broken'),
      idle: () => {},
    },
  );
  const send = (...parts: readonly Uint8Array[]): void => {
    const bytes = Buffer.concat(parts);
    it.received(bytes, bytes.length);
  };
  /** The error code of GOAWAY, or -1. */
  const code = (): number => {
    it.outbox.flush();
    const bytes = (output.read() as Buffer | null) ?? Buffer.alloc(0);
    for (let at = 0; at < bytes.length; at += 9 + bytes.readUIntBE(at, 3))
      if (bytes[at + 3] === 7) return bytes.readUInt32BE(at + 13);
    return -1;
  };
  return { it, heard, streams, send, code };
}

const TRAFFIC = Buffer.concat([
  PREFACE,
  SETTINGS,
  frame(1, 5, 1, GET),
  frame(1, 4, 3, GET),
  frame(0, 8, 3, Buffer.from([2, 104, 105, 0, 0])),
  frame(0, 0, 3, Buffer.from('there')),
  frame(1, 0, 5, GET.subarray(0, 2)),
  frame(9, 4, 5, GET.subarray(2)),
  frame(1, 5, 3, Buffer.from('00017801 79'.replace(' ', ''), 'hex')),
]);
const HEARD = [
  '1 whole :method GET :scheme http :path / :authority x',
  '3 open :method GET :scheme http :path / :authority x',
  '3 data hi',
  '3 data there',
  '5 open :method GET :scheme http :path / :authority x',
  '3 end x y',
];

describe('a session', () => {
  it('forgives what was on its way to a stream that it has reset, and to one that it has forgotten', () => {
    const { it: own, streams, send, code } = session();
    send(PREFACE, SETTINGS, frame(1, 4, 1, GET));
    streams[0]?.reset();
    send(frame(0, 0, 1, Buffer.of(1)), frame(1, 5, 1, GET));
    for (let id = 3; id < 600; id += 2) send(frame(1, 5, id, GET), frame(3, 0, id, Buffer.of(0, 0, 0, 8)));
    send(frame(0, 0, 1, Buffer.of(1)), frame(1, 5, 3, GET));
    assert.deepEqual([own.isOver, code()], [false, -1]);
    send(frame(0, 0, 597, Buffer.of(1)));
    assert.deepEqual([own.isOver, code()], [true, 5]);
  });

  it('understands the same however the bytes are cut', () => {
    for (let size = 1; size < TRAFFIC.length; size += size < 40 ? 1 : 17) {
      const { heard, send } = session();
      for (let at = 0; at < TRAFFIC.length; at += size) send(TRAFFIC.subarray(at, at + size));
      assert.deepEqual(heard, HEARD, `in pieces of ${size}`);
    }
  });

  for (const [what, expected, ...frames] of [
    ['something else before its settings', 1, frame(1, 5, 1, GET)],
    ['DATA on no stream', 1, SETTINGS, frame(0, 0, 0)],
    ['DATA on a stream that has not begun', 1, SETTINGS, frame(0, 0, 1)],
    ['more padding than payload', 1, SETTINGS, frame(1, 4, 1, GET), frame(0, 8, 1, Buffer.of(1))],
    ['a frame that is too large', 6, SETTINGS, frame(0, 0, 1, Buffer.alloc(16_385))],
    ['a stream of its own with an even number', 1, SETTINGS, frame(1, 5, 2, GET)],
    [
      'a block that another frame interrupts',
      1,
      SETTINGS,
      frame(1, 1, 1, GET),
      frame(6, 0, 0, Buffer.alloc(8)),
    ],
    ['a block that goes on for another stream', 1, SETTINGS, frame(1, 1, 1, GET), frame(9, 4, 3)],
    ['a continuation of nothing', 1, SETTINGS, frame(9, 4, 1)],
    ['a block that nobody can read', 9, SETTINGS, frame(1, 5, 1, Buffer.of(0xff))],
    ['a stream that depends on itself', 1, SETTINGS, frame(2, 0, 1, Buffer.of(0, 0, 0, 1, 0))],
    [
      'a request that depends on itself',
      1,
      SETTINGS,
      frame(1, 0x25, 1, Buffer.concat([Buffer.of(0, 0, 0, 1, 0), GET])),
    ],
    ['a request with a number that was passed over', 1, SETTINGS, frame(1, 5, 5, GET), frame(1, 5, 3, GET)],
    [
      'DATA after its own reset',
      5,
      SETTINGS,
      frame(1, 4, 1, GET),
      frame(3, 0, 1, Buffer.of(0, 0, 0, 8)),
      frame(0, 0, 1, Buffer.of(1)),
    ],
    [
      'a head after its own reset',
      5,
      SETTINGS,
      frame(1, 4, 1, GET),
      frame(3, 0, 1, Buffer.of(0, 0, 0, 8)),
      frame(1, 5, 1, GET),
    ],
    ['priorities in a frame that has no room for them', 1, SETTINGS, frame(1, 0x25, 1, Buffer.of(1))],
    ['a priority of the wrong size', 6, SETTINGS, frame(2, 0, 1, Buffer.alloc(4))],
    ['a reset of nothing', 1, SETTINGS, frame(3, 0, 1, Buffer.alloc(4))],
    ['a reset of the wrong size', 6, SETTINGS, frame(1, 4, 1, GET), frame(3, 0, 1, Buffer.alloc(3))],
    ['a promise', 1, SETTINGS, frame(5, 4, 1, Buffer.alloc(4))],
    ['a ping of the wrong size', 6, SETTINGS, frame(6, 0, 0, Buffer.alloc(7))],
    ['a ping on a stream', 1, SETTINGS, frame(6, 0, 1, Buffer.alloc(8))],
    ['settings on a stream', 1, frame(4, 0, 1)],
    ['settings that are cut', 6, frame(4, 0, 0, Buffer.alloc(5))],
    ['a confirmation with settings', 6, SETTINGS, frame(4, 1, 0, Buffer.alloc(6))],
    ['a first window without bound', 3, frame(4, 0, 0, Buffer.of(0, 4, 255, 255, 255, 255))],
    ['frames without bound', 1, frame(4, 0, 0, Buffer.of(0, 5, 255, 255, 255, 255))],
    ['frames without room', 1, frame(4, 0, 0, Buffer.of(0, 5, 0, 0, 0, 1))],
    ['a wish for promises that is none', 1, frame(4, 0, 0, Buffer.of(0, 2, 0, 0, 0, 2))],
    ['more settings than there are', 11, frame(4, 0, 0, Buffer.alloc(6 * 33))],
    ['a window that overflows', 3, SETTINGS, frame(8, 0, 0, Buffer.of(127, 255, 255, 255))],
    ['a window of a stream that has not begun', 1, SETTINGS, frame(8, 0, 1, Buffer.of(0, 0, 0, 1))],
    ['a goodbye on a stream', 1, SETTINGS, frame(7, 0, 1, Buffer.alloc(8))],
    [
      'more than the window of a stream',
      3,
      SETTINGS,
      frame(1, 4, 1, GET),
      ...Array.from({ length: 5 }, () => frame(0, 0, 1, Buffer.alloc(16_384))),
    ],
  ] as const) {
    it(`ends with ${what}`, () => {
      const { it: its, heard, send, code } = session();
      send(PREFACE, ...frames);
      assert.equal(code(), expected);
      assert.equal(its.isOver, true);
      assert.equal(heard.filter((word) => word === 'broken').length, 1);
    });
  }

  for (const [what, ...frames] of [
    ['a frame that nobody knows', frame(99, 255, 7, Buffer.alloc(3))],
    ['settings that nobody knows', frame(4, 0, 0, Buffer.of(0, 99, 0, 0, 0, 1))],
    ['a goodbye', frame(7, 0, 0, Buffer.alloc(8))],
  ] as const) {
    it(`goes on after ${what}`, () => {
      const { it: its, heard, send } = session();
      send(PREFACE, SETTINGS, ...frames, frame(1, 5, 9, GET));
      assert.equal(its.isOver, false);
      assert.match(heard.at(-1) ?? '', /^9 whole/);
    });
  }

  it('lets those that come after its goodbye go, with their bodies', () => {
    const { it: its, heard, send } = session();
    send(PREFACE, SETTINGS, frame(1, 4, 1, GET));
    its.goAway();
    send(
      frame(1, 4, 3, GET),
      frame(0, 0, 3, Buffer.of(1)),
      frame(8, 0, 3, Buffer.of(0, 0, 0, 1)),
      frame(0, 1, 1),
    );
    assert.equal(its.isOver, false);
    assert.deepEqual(heard.slice(1), ['1 end ']);
  });

  it('sends no more than both windows allow, and all of it in the end', () => {
    const { it: its, heard, streams, send } = session();
    send(PREFACE, SETTINGS, frame(1, 5, 1, GET), frame(1, 5, 3, GET));
    for (const stream of streams) {
      stream.head([':status', '200'], false);
      stream.write(Buffer.alloc(100_000));
      stream.end('the end', null);
    }
    assert.equal(its.window, 0);
    assert.deepEqual(
      streams.map(({ unsentBytes }) => unsentBytes),
      [34_472, 100_007],
    );
    send(frame(8, 0, 0, Buffer.of(0, 10, 0, 0)));
    assert.deepEqual(
      streams.map(({ unsentBytes }) => unsentBytes),
      [34_472, 34_472],
    );
    for (const id of [1, 3]) send(frame(8, 0, id, Buffer.of(0, 10, 0, 0)));
    assert.deepEqual(
      heard.filter((word) => /done|lost/.test(word)),
      ['1 done', '3 done'],
    );
  });

  it('lets every stream send in its turn, however little the connection takes at a time', () => {
    const { streams, send } = session();
    const ids = [1, 3, 5];
    send(
      PREFACE,
      SETTINGS,
      frame(4, 0, 0, Buffer.of(0, 4, 0, 16, 0, 0)),
      ...ids.map((id) => frame(1, 5, id, GET)),
    );
    for (const stream of streams) stream.write(Buffer.alloc(200_000));
    const waiting = streams.map(({ unsentBytes }) => unsentBytes);
    for (let i = 0; i < 6; i++) send(frame(8, 0, 0, Buffer.of(0, 0, 0, 100)));
    assert.deepEqual(
      streams.map(({ unsentBytes }, i) => (waiting[i] ?? 0) - unsentBytes),
      [200, 200, 200],
    );
  });

  it('keeps nothing of what it was sent once that is told', async () => {
    const { it: its, heard } = session();
    const sent = feed(its, Buffer.concat([PREFACE, SETTINGS, frame(1, 4, 1, GET)]));
    // What a weak reference was made of stays until the turn is over.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    assert.equal(sent.deref(), undefined);
    assert.equal(its.isOver, false);
    assert.match(heard[0] ?? '', /^1 open/);
  });

  it('survives any bytes', () => {
    let seed = 42;
    const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    for (let round = 0; round < 3000; round++) {
      const { it: its, send } = session();
      const bytes = Buffer.from(TRAFFIC);
      for (let i = 0; i < 1 + random() * 8; i++)
        bytes[PREFACE.length + Math.floor(random() * (bytes.length - PREFACE.length))] = Math.floor(
          random() * 256,
        );
      send(bytes);
      if (!its.isOver) send(bytes.subarray(PREFACE.length));
      its.lost();
    }
  });
});
