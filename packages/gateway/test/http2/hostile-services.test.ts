// What services of HTTP/2 may send, to the byte, and what clients of HTTP/1.1 get of it.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { rawClient, startPlane } from '@turnpike/testkit';
import { block, END_HEADERS, END_STREAM, frame, PREFACE, TYPE, uint32 } from '../wire/http2-frames.ts';
import { listen } from './fixture.ts';

type Fields = readonly (readonly [string, string])[];
type Answer = (stream: number) => readonly Buffer[];

const PUSH_PROMISE = 5;
const PADDED = 8;
const OK: Fields = [[':status', '200']];

const head = (stream: number, fields: Fields, flags = 0): Buffer =>
  frame(TYPE.headers, END_HEADERS | flags, stream, block(fields));
const data = (stream: number, text: string, flags = END_STREAM): Buffer =>
  frame(TYPE.data, flags, stream, Buffer.from(text));
const hello = (stream: number): Buffer[] => [head(stream, OK), data(stream, 'hello')];
const withField =
  (...fields: Fields): Answer =>
  (stream) => [head(stream, [...OK, ...fields]), data(stream, 'hello')];
const withStatus =
  (status: string): Answer =>
  (stream) => [head(stream, [[':status', status]]), data(stream, 'hello')];
const before =
  (count: number, part: (stream: number, i: number) => Buffer): Answer =>
  (stream) => [...Array.from({ length: count }, (_, i) => part(stream, i)), ...hello(stream)];

/** A service that answers every request with those bytes. */
async function service(t: TestContext, answer: Answer): Promise<number> {
  return listen(
    t,
    createServer((socket) => {
      t.after(() => socket.destroy());
      let rest = Buffer.alloc(0);
      let at = PREFACE.length;
      socket.on('error', () => {}).write(frame(TYPE.settings, 0, 0));
      socket.on('data', (bytes: Buffer) => {
        rest = Buffer.concat([rest, bytes]);
        while (rest.length >= at + 9 && rest.length >= at + 9 + rest.readUIntBE(at, 3)) {
          const [type, flags, stream] = [rest[at + 3], rest[at + 4], rest.readUInt32BE(at + 5)];
          at += 9 + rest.readUIntBE(at, 3);
          if (type === TYPE.settings && flags === 0) socket.write(frame(TYPE.settings, 1, 0));
          if (type === TYPE.headers) socket.write(Buffer.concat(answer(stream)));
        }
      });
    }),
  );
}

/** The outcome as `status code`; `cut` is a response that does not end as its framing says. */
async function outcome(t: TestContext, answer: Answer): Promise<string> {
  const port = await service(t, answer);
  const plane = await startPlane({
    listeners: { web: { address: '127.0.0.1:0' } },
    services: {
      main: {
        endpoints: [`http://127.0.0.1:${port}`],
        connections: { http2: 'always' },
        timeouts: { request: '2s', idle: '2s' },
      },
    },
    routes: { main: { match: { path: '/*' }, service: 'main', policies: { retry: 'off' } } },
  });
  t.after(() => plane.close());
  const client = await rawClient(plane.port);
  t.after(() => client.destroy());
  await client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const response = await client.response().catch(() => null);
  const [line] = await plane.lines(1);
  assert.deepEqual(
    plane.log.filter(({ level }) => level === 'error'),
    [],
  );
  const text = `${JSON.stringify(response?.fields)}${response?.body.toString('latin1')}`;
  assert.doesNotMatch(text, /evil/i);
  return `${response === null ? 'cut' : response.status} ${String(line?.['code'] ?? '')}`.trim();
}

const INVALID = '502 UPSTREAM_INVALID';
const CASES: Readonly<Record<string, readonly [Answer, string]>> = {
  'a plain answer': [hello, '200'],
  'an upper-case name': [withField(['X-Up', 'y']), INVALID],
  'a line break in a value, which nghttp2 drops': [withField(['x', 'y\r\nEvil: 1']), '200'],
  'a colon in a name, which nghttp2 drops': [withField(['evil:x', 'y']), '200'],
  'Transfer-Encoding': [withField(['transfer-encoding', 'chunked']), INVALID],
  Connection: [withField(['connection', 'close']), INVALID],
  Upgrade: [withField(['upgrade', 'h2c']), INVALID],
  'two lengths': [withField(['content-length', '5'], ['content-length', '5']), INVALID],
  'more than its length': [withField(['content-length', '3']), 'cut UPSTREAM_INVALID'],
  'less than its length': [withField(['content-length', '9']), 'cut UPSTREAM_INVALID'],
  'a body of a 204': [withStatus('204'), '204'],
  'a body of a 304': [withStatus('304'), '304'],
  'a status of 99': [withStatus('099'), INVALID],
  'a status of 600': [withStatus('600'), INVALID],
  'a status of 999': [withStatus('999'), INVALID],
  'a status that is no number': [withStatus('2xx'), INVALID],
  'no status': [(stream) => [head(stream, [['x', 'y']]), data(stream, 'hello')], INVALID],
  '101': [withStatus('101'), INVALID],
  'a body before the head': [(stream) => [data(stream, 'hello')], INVALID],
  'many interim answers': [before(50, (stream) => head(stream, [[':status', '103']])), INVALID],
  'a length in trailers': [
    (stream) => [
      head(stream, OK),
      data(stream, 'hello', 0),
      head(stream, [['content-length', '3']], END_STREAM),
    ],
    'cut UPSTREAM_INVALID',
  ],
  'a status in trailers': [
    (stream) => [head(stream, OK), data(stream, 'hello', 0), head(stream, [[':status', '200']], END_STREAM)],
    'cut UPSTREAM_INVALID',
  ],
  'a promise to push': [
    before(1, (stream) =>
      frame(
        PUSH_PROMISE,
        END_HEADERS,
        stream,
        Buffer.concat([
          uint32(2),
          block([
            [':method', 'GET'],
            [':scheme', 'http'],
            [':path', '/evil'],
            [':authority', 'a'],
          ]),
        ]),
      ),
    ),
    INVALID,
  ],
  'a flood of PING': [before(20_000, () => frame(TYPE.ping, 0, 0, Buffer.alloc(8))), INVALID],
  'a flood of SETTINGS': [before(20_000, () => frame(TYPE.settings, 0, 0)), INVALID],
  'a flood of CONTINUATION': [
    (stream) => [
      frame(TYPE.headers, 0, stream, block(OK)),
      ...Array.from({ length: 3000 }, (_, i) =>
        frame(TYPE.continuation, 0, stream, block([[`x-${i}`, 'y'.repeat(100)]])),
      ),
    ],
    INVALID,
  ],
  'a flood of empty DATA': [
    (stream) => [head(stream, OK), ...Array.from({ length: 50_000 }, () => data(stream, '', 0))],
    'cut UPSTREAM_INCOMPLETE',
  ],
  'a window that overflows': [before(2, () => frame(TYPE.windowUpdate, 0, 0, uint32(2 ** 31 - 1))), INVALID],
  'an answer on a stream that nobody opened': [before(1, (stream) => head(stream + 200, OK)), INVALID],
  'a reset without an error, midway': [
    (stream) => [head(stream, OK), data(stream, 'hello', 0), frame(TYPE.rst, 0, stream, uint32(0))],
    'cut UPSTREAM_INCOMPLETE',
  ],
  'more padding than there is': [
    (stream) => [head(stream, OK), frame(TYPE.data, PADDED, stream, Buffer.of(255, 1, 2))],
    'cut UPSTREAM_INVALID',
  ],
  'a head that cannot be decompressed': [
    (stream) => [
      frame(TYPE.headers, END_HEADERS | END_STREAM, stream, Buffer.of(255, 255, 255, 255, 255, 255)),
    ],
    INVALID,
  ],
  'a goodbye, and then an answer all the same': [
    before(1, () => frame(TYPE.goaway, 0, 0, uint32(0, 0))),
    '503 UPSTREAM_REFUSED',
  ],
  'HTTP/1.1': [() => [Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil')], INVALID],
};

describe('a service of HTTP/2 that sends', () => {
  for (const [what, [answer, expected]] of Object.entries(CASES))
    it(`${what} comes to ${expected}`, async (t) => assert.equal(await outcome(t, answer), expected));
});
