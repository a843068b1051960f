import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { eventually, within } from '@turnpike/testkit';

/** Types of frames (RFC 9113 §6). */
export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  rst: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
  unknown: 0xbe,
} as const;

export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A frame with any length, type, flags, stream and payload. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header block of literals without indexing, names as they are (RFC 7541 §6.2.2). */
export function block(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([length(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541 §5.1). */
function length(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

/** The pseudo-header fields of a request. */
export function pseudo(method = 'GET', path = '/', authority = 'gateway.test'): [string, string][] {
  return [
    [':method', method],
    [':scheme', 'http'],
    [':path', path],
    [':authority', authority],
  ];
}

/** A request without a body. */
export function get(stream: number, path = '/'): Buffer {
  return frame(TYPE.headers, END_STREAM | END_HEADERS, stream, block(pseudo('GET', path)));
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

/** A frame that came. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A client that writes any frames. */
export interface FrameClient {
  readonly socket: Socket;
  readonly frames: readonly Frame[];
  readonly isClosed: boolean;
  send(...frames: readonly Buffer[]): void;
  /** The first frame for which it is true, once it is there. */
  frame(what: string, wanted: (frame: Frame) => boolean): Promise<Frame>;
  /** The error code of the GOAWAY with one; resolves when the connection is closed too. */
  ended(): Promise<number>;
  /** The error code with which the stream was reset. */
  reset(stream: number): Promise<number>;
  /** The end of the stream. */
  whole(stream: number): Promise<void>;
}

/** Connects, sends the preface, and answers SETTINGS. Without `answers`, it is silent until it sends. */
export async function frameClient(
  t: TestContext,
  port: number,
  beginning: readonly Buffer[] = [PREFACE, frame(TYPE.settings, 0, 0)],
): Promise<FrameClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  t.after(() => socket.destroy());
  await within(once(socket, 'connect'), 'connect');
  const frames: Frame[] = [];
  let rest = Buffer.alloc(0);
  let isClosed = false;
  socket.on('error', () => {});
  socket.on('close', () => (isClosed = true));
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      const [type = 0, flags = 0] = [rest[3], rest[4]];
      frames.push({ type, flags, stream: rest.readUInt32BE(5), payload: rest.subarray(9, end) });
      rest = rest.subarray(end);
      if (type === TYPE.settings && flags === 0) socket.write(frame(TYPE.settings, ACK, 0));
    }
  });
  socket.write(Buffer.concat(beginning));

  const client: FrameClient = {
    socket,
    frames,
    get isClosed() {
      return isClosed;
    },
    send: (...more) => void (socket.writable && socket.write(Buffer.concat(more))),
    async frame(what, wanted) {
      await eventually(() => frames.some(wanted) || isClosed, what);
      const found = frames.find(wanted);
      if (found === undefined) throw new Error(`closed without ${what}`);
      return found;
    },
    async ended() {
      const { payload } = await client.frame(
        'GOAWAY',
        ({ type, payload: it }) => type === TYPE.goaway && it.readUInt32BE(4) !== 0,
      );
      await eventually(() => isClosed, 'the end of the connection');
      return payload.readUInt32BE(4);
    },
    async reset(stream) {
      const { payload } = await client.frame(
        `RST_STREAM of ${stream}`,
        (it) => it.type === TYPE.rst && it.stream === stream,
      );
      return payload.readUInt32BE(0);
    },
    async whole(stream) {
      await client.frame(
        `the end of stream ${stream}`,
        (it) => it.stream === stream && it.type <= TYPE.headers && (it.flags & END_STREAM) !== 0,
      );
    },
  };
  return client;
}
