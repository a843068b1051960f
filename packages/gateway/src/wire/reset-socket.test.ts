import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { eventually, within } from '@turnpike/testkit';
import { acceptInto, resetSocket } from './accept.ts';

/** More than the kernel takes. */
const BYTES = Buffer.alloc(64 * 1024 * 1024);

/** The socket of a server whose client does not read, and whether it is closed. */
async function unread(t: TestContext): Promise<{ readonly socket: Socket; isClosed(): boolean }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await within(once(server, 'listening'), 'a server');
  let accepted: Socket | null = null;
  let isClosed = false;
  acceptInto(server, (socket) => {
    accepted = socket;
    return {
      readBuffer: () => Buffer.alloc(1024),
      received() {},
      inputEnded() {},
      drained() {},
      closed: () => (isClosed = true),
    };
  });
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  t.after(() => {
    client.destroy();
    server.close();
  });
  await eventually(() => accepted !== null, 'a connection');
  return { socket: accepted ?? assert.fail(), isClosed: () => isClosed };
}

describe('a socket that is reset', () => {
  for (const [moment, before] of [
    ['while its client does not read', (socket: Socket) => void socket.write(BYTES)],
    ['while its end waits behind what the client does not read', (socket: Socket) => void socket.end(BYTES)],
    ['while its end is on the way', (socket: Socket) => void socket.end()],
  ] as const) {
    it(`${moment} is closed`, async (t) => {
      const { socket, isClosed } = await unread(t);
      before(socket);
      resetSocket(socket);
      await eventually(isClosed, 'the end');
    });
  }
});
