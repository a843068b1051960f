import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from './seeded.ts';

/** What became of the requests. */
export interface LoadResult {
  /** Of those that were answered with 200, in milliseconds from when they should have been sent. */
  readonly latenciesMs: readonly number[];
  readonly errors: number;
}

/** How much, and for how long. */
export interface LoadPlan {
  readonly port: number;
  readonly requestsPerSecond: number;
  readonly seconds: number;
  /** What is sent in this time at the beginning is not counted. */
  readonly warmUpSeconds: number;
  readonly seed: number;
}

const REQUEST = 'GET /work HTTP/1.1\r\nHost: cluster.example\r\nUser-Agent: bench\r\n\r\n';
/** How long late answers are waited for. */
const PATIENCE_MS = 20_000;

/** Load in an open loop: requests come when they come, however many are under way, at random times. */
export async function openLoad(plan: LoadPlan): Promise<LoadResult> {
  const { port, requestsPerSecond, seconds, warmUpSeconds, seed } = plan;
  const draw = seeded(seed);
  const idle: Caller[] = [];
  const latenciesMs: number[] = [];
  let errors = 0;
  const callers = { underWay: 0 };
  const beganMs = performance.now();
  const send = (dueMs: number): void => {
    const counts = dueMs - beganMs >= warmUpSeconds * 1000;
    const caller = idle.pop() ?? new Caller(port, idle);
    callers.underWay++;
    caller.send((status) => {
      callers.underWay--;
      if (!counts) return;
      if (status === 200) latenciesMs.push(performance.now() - dueMs);
      else errors++;
    });
  };
  for (let dueMs = beganMs; dueMs < beganMs + seconds * 1000;) {
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    for (const nowMs = performance.now(); dueMs <= nowMs; dueMs += draw.exponential(1000 / requestsPerSecond))
      send(dueMs);
  }
  for (const endMs = performance.now() + PATIENCE_MS; callers.underWay > 0 && performance.now() < endMs;)
    await sleep(20);
  errors += callers.underWay;
  for (const caller of idle) caller.close();
  return { latenciesMs, errors };
}

/** A connection with one request at a time. */
class Caller {
  readonly #socket: Socket;
  readonly #idle: Caller[];
  #answered: ((status: number) => void) | null = null;
  #text = '';

  constructor(port: number, idle: Caller[]) {
    this.#idle = idle;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#gone());
  }

  send(answered: (status: number) => void): void {
    this.#answered = answered;
    this.#text = '';
    this.#socket.write(REQUEST);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    const end = this.#text.indexOf('\r\n\r\n');
    if (end === -1) return;
    const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(this.#text) ?? [];
    const isChunked = /\r\ntransfer-encoding: *chunked/i.test(this.#text);
    const isWhole = isChunked
      ? this.#text.endsWith('0\r\n\r\n')
      : this.#text.length >= end + 4 + Number(length);
    if (!isWhole) return;
    const closes = /\r\nconnection: *close/i.test(this.#text.slice(0, end + 2));
    const answered = this.#answered;
    this.#answered = null;
    if (closes) this.#socket.destroy();
    else this.#idle.push(this);
    answered?.(Number(this.#text.slice(9, 12)));
  }

  #gone(): void {
    const at = this.#idle.indexOf(this);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#answered?.(0);
    this.#answered = null;
  }
}
