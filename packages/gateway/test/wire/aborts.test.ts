import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually, startPlane } from '@turnpike/testkit';
import { random } from '../../src/core/random.ts';

/** `ABORTS=100000` runs the long one. */
const ABORTS = Number(process.env['ABORTS'] ?? 3000);
const AT_ONCE = 60;
/** Sockets, requests and timers do not count while they are being opened; these must be back where they were. */
const COUNTED = ['TCPSocketWrap', 'TCPWRAP', 'TCPSocket', 'TCPConnectWrap'];
const HEAP_GROWTH_BYTES = 24 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** `SEED=n` repeats a run, as far as sockets do. */
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const dice = random(seed);

function upTo(limit: number): number {
  return dice.below(limit);
}

function oneOf<T>(choices: readonly T[]): T {
  const choice = choices[upTo(choices.length)];
  if (choice === undefined) throw new Error('nothing to choose from');
  return choice;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends a connection in one of the ways in which connections end. */
function abort(socket: Socket): void {
  const how = upTo(3);
  if (how === 0) socket.resetAndDestroy();
  else if (how === 1) socket.destroy();
  else socket.end();
}

const BODY = 'x'.repeat(300_000);
const RESPONSES = [
  `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello`,
  `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`,
  `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello`,
  `HTTP/1.0 200 OK\r\n\r\n${BODY}`,
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n',
  '\0garbage',
];

/** Answers or not, wholly or not, at any time. */
function misbehave(socket: Socket): void {
  let isBusy = false;
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  socket.on('data', () => {
    if (isBusy) return;
    isBusy = true;
    void respond(socket).finally(() => (isBusy = false));
  });
}

async function respond(socket: Socket): Promise<void> {
  const response = oneOf(RESPONSES);
  await pause(upTo(8));
  const fate = upTo(10);
  if (fate === 0) {
    abort(socket);
  } else if (fate === 1) {
    await pause(400);
    socket.destroy();
  } else if (fate < 5) {
    socket.write(response.slice(0, upTo(response.length)));
    await pause(upTo(8));
    abort(socket);
  } else {
    socket.write(response);
    if (!response.includes('Content-Length') || fate === 5) socket.end();
  }
}

const FIELDS = 'Host: gateway.test\r\nX-Padding: abcdefghijklmnopqrstuvwxyz\r\n';
const CHUNKED_BODY = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const REQUESTS = [
  `GET / HTTP/1.1\r\n${FIELDS}\r\n`,
  `GET / HTTP/1.1\r\n${FIELDS}\r\n`.repeat(3),
  `GET / HTTP/1.0\r\n\r\n`,
  `POST / HTTP/1.1\r\n${FIELDS}Content-Length: 5\r\n\r\nhello`,
  `POST / HTTP/1.1\r\n${FIELDS}Content-Length: ${BODY.length}\r\n\r\n${BODY}`,
  `POST / HTTP/1.1\r\n${FIELDS}Transfer-Encoding: chunked\r\n\r\n${CHUNKED_BODY}`,
  `PUT / HTTP/1.1\r\n${FIELDS}Expect: 100-continue\r\nContent-Length: 50\r\n\r\n`,
  `GET / HTTP/1.1\r\n${FIELDS}Connection: upgrade\r\nUpgrade: websocket\r\n\r\nhello`,
];

/** One client that begins a request, and leaves at some point of it. */
async function misuse(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const closed = new Promise<void>((resolve) => void socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  const reads = upTo(3);
  if (reads > 0) socket.resume();
  const bytes = oneOf(REQUESTS);
  const phase = upTo(5);
  if (phase === 0) {
    socket.write(bytes.slice(0, upTo(200)));
  } else if (phase === 1) {
    socket.write(bytes.slice(0, upTo(bytes.length)));
  } else {
    socket.write(bytes);
  }
  await pause(phase === 4 ? 20 + upTo(30) : upTo(12));
  abort(socket);
  await Promise.race([closed, pause(600)]);
  socket.destroy();
  await closed;
}

/** How many resources of each counted kind keep the process alive. */
function resources(): number {
  return process.getActiveResourcesInfo().filter((kind) => COUNTED.includes(kind)).length;
}

describe('aborts', () => {
  it(`survives ${ABORTS} of them, and keeps nothing (SEED=${seed})`, { timeout: Infinity }, async (t) => {
    const faults: unknown[] = [];
    const note = (error: unknown): void => void faults.push(error);
    process.on('unhandledRejection', note).on('uncaughtException', note);
    t.after(() => process.off('unhandledRejection', note).off('uncaughtException', note));

    const base = resources();
    const open = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      misbehave(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const plane = await startPlane({
      listeners: {
        web: { address: '127.0.0.1:0', limits: { bodyTimeout: '500ms', headerTimeout: '500ms' } },
      },
      services: {
        main: {
          endpoints: [`http://127.0.0.1:${port}`],
          connections: { perEndpoint: 40, idleTimeout: '300ms' },
          timeouts: { connect: '500ms', request: '300ms', idle: '300ms' },
        },
      },
      routes: { main: { match: { path: '/*' }, service: 'main', upgrade: ['websocket'] } },
    });

    const heap: number[] = [];
    let left = ABORTS;
    const client = async (): Promise<void> => {
      while (left-- > 0) {
        await misuse(plane.port);
        if (left % Math.ceil(ABORTS / 10) === 0) {
          collect();
          heap.push(process.memoryUsage().heapUsed);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));

    await eventually(() => plane.inflight() === 0, 'the end of all attempts');
    await plane.close();
    await eventually(() => open.size === 0, 'the end of all connections to the service');
    server.close();
    await eventually(() => resources() <= base, `the end of all sockets (${resources()} of ${base})`);
    assert.deepEqual(faults, []);
    const errors = plane.log.filter(({ level }) => level === 'error' || level === 'warn');
    assert.deepEqual(errors, []);
    const [first = 0] = heap;
    const last = heap.at(-1) ?? 0;
    assert.ok(last - first < HEAP_GROWTH_BYTES, `the heap went from ${first} to ${last}`);
  });
});
