/**
 * In place of `node:net` in a data thread that `bench/path.ts` has started: fifty clients that send the request of the scenario
 * `small` again and again, and a service that answers it, without a system call. Tells what each request cost.
 */
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { requestFields } from '../load.ts';
import { smallReply } from '../origin-replies.ts';

const CLIENTS = 50;
/** So many have a request under way at once. */
const AT_ONCE = 10;
const WARM_UP = 100_000;
const ROUNDS = 15;
const EACH = 20_000;

const REQUEST = message(['GET /small HTTP/1.1', 'Host: 127.0.0.1:8080', ...requestFields], '');
const RESPONSE = message(
  [
    'HTTP/1.1 200 OK',
    'Server: nginx/1.22.1',
    'Date: Mon, 23 Nov 2026 18:27:25 GMT',
    'Content-Type: application/json',
    `Content-Length: ${smallReply.length}`,
    'Connection: keep-alive',
    'Cache-Control: no-store',
    'Vary: Accept-Encoding',
  ],
  smallReply,
);

function message(lines: readonly string[], body: string): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

interface Options {
  readonly onread?: {
    buffer(): Buffer | null;
    callback(count: number, bytes: Buffer): boolean;
  };
}

/** Where what is written goes: as much work as node does before the system call. */
const sink = Buffer.alloc(64 * 1024);
const clients: Socket[] = [];
const waiting: Socket[] = [];
const counts = { answered: 0 };

/** A socket as far as the gateway uses it for whole messages. */
export class Socket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1';
  readonly remoteFamily = 'IPv4';
  readonly remotePort = 40_000;
  readonly writableLength = 0;
  readonly #onread: Options['onread'];
  readonly #side: 'client' | 'service';
  #buffer: Buffer | null = null;

  constructor({ onread }: Options = {}, side: 'client' | 'service' = 'client') {
    super();
    this.#onread = onread;
    this.#side = side;
    if (side === 'client' && onread !== undefined) clients.push(this);
  }

  write(text: string): boolean {
    sink.write(text, 0, 'latin1');
    if (this.#side === 'service') waiting.push(this);
    else counts.answered++;
    return true;
  }

  /** These bytes have come. */
  deliver(bytes: Buffer): void {
    const into = (this.#buffer ??= this.#onread?.buffer() ?? sink);
    bytes.copy(into);
    this.#onread?.callback(bytes.length, into);
    this.#buffer = this.#onread?.buffer() ?? into;
  }

  destroy(): void {}
  end(): void {}
  pause(): void {}
  resume(): void {}
}

/** To the service, which is there at once. */
export function connect(options: Options): Socket {
  const socket = new Socket(options, 'service');
  process.nextTick(() => socket.emit('connect'));
  return socket;
}

class Server extends EventEmitter {
  readonly _handle = { onconnection: (_error: number, _client: object): void => {}, listen(): void {} };
  #port = 0;

  address(): { port: number } {
    return { port: this.#port };
  }

  listen({ port }: { port: number }, opened: () => void): void {
    this.#port = port;
    process.nextTick(opened);
    void measure(this);
  }

  close(): void {}
}

export function createServer(): Server {
  return new Server();
}

async function measure(server: Server): Promise<void> {
  await sleep(500);
  for (let i = 0; i < CLIENTS; i++) server._handle.onconnection(0, { setNoDelay() {}, close() {} });
  await serve(WARM_UP);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measured());
  writeFileSync(process.env['PATH_RESULT'] ?? '/dev/stdout', JSON.stringify(rounds));
}

async function measured(): Promise<{ us: number; bytes: number }> {
  const allocated = allocatedBytes();
  const before = process.threadCpuUsage();
  await serve(EACH);
  const { user, system } = process.threadCpuUsage(before);
  return { us: (user + system) / EACH, bytes: (allocatedBytes() - allocated) / EACH };
}

function allocatedBytes(): number {
  return getHeapStatistics().total_allocated_bytes;
}

async function serve(requests: number): Promise<void> {
  for (let sent = 0; sent < requests; sent += AT_ONCE) {
    for (let i = 0; i < AT_ONCE; i++) clients[(sent + i) % CLIENTS]?.deliver(REQUEST);
    await until(counts.answered + AT_ONCE);
    // So that it does not look as if it could not follow.
    if (sent % 500 === 0) await turn();
  }
}

/** The service answers, and what the gateway has promised runs before this looks again. */
async function until(count: number): Promise<void> {
  while (counts.answered < count) {
    await PROMISE;
    for (let socket = waiting.pop(); socket !== undefined; socket = waiting.pop()) socket.deliver(RESPONSE);
  }
}

const PROMISE = Promise.resolve();
