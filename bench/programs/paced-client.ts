/**
 * Sends requests at a constant rate and prints the latencies: PORT RATE SECONDS CONNECTIONS PATH FIELD…
 *
 * Open loop: a late answer does not delay the next request, and latency counts from the time at which a request should
 * have been sent, so that a stall is seen by all requests that it holds up (no coordinated omission). libuv's timers have
 * steps of a millisecond, which is more than we want to measure; so another thread keeps the time and writes to the
 * sockets, and this one only reads the answers.
 */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { replyReader } from './reply-reader.ts';
import { nowMs, type Pacing } from './pacer.ts';

const [port = 0, ratePerSecond = 0, seconds = 0, connections = 0] = process.argv.slice(2, 6).map(Number);
const [path = '/', ...fields] = process.argv.slice(6);
// Not counted: both this program and the gateway have to be compiled first.
const warmUpSeconds = Math.min(1, seconds / 2);
const total = Math.round(ratePerSecond * (warmUpSeconds + seconds));
const skipped = Math.round(ratePerSecond * warmUpSeconds);

const busy = new Int32Array(new SharedArrayBuffer(connections * 4));
const dueMs = new Float64Array(new SharedArrayBuffer(connections * 8));
const latenciesMs = new Float64Array(total);
let answered = 0;
let statuses = 0;
let closed = 0;
let hasSentAll = false;

const sockets = await Promise.all(Array.from({ length: connections }, (_, index) => open(index)));
const head = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...fields, '', ''].join('\r\n');
const workerData: Pacing = {
  descriptors: sockets.map(descriptorOf),
  head,
  ratePerSecond,
  total,
  busy,
  dueMs,
};
const pacer = new Worker(new URL('pacer.ts', import.meta.url), { workerData });
await once(pacer, 'exit');
hasSentAll = true;
// The last answers may take a while, but not forever.
setTimeout(end, 2000);
if (answered === total) end();

async function open(index: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  socket.on(
    'data',
    replyReader((status) => finish(index, status)),
  );
  socket.on('error', () => socket.destroy());
  socket.on('close', () => (closed += 1));
  return socket;
}

function finish(index: number, status: number): void {
  latenciesMs[answered] = nowMs() - (dueMs[index] ?? 0);
  answered += 1;
  if (status !== 200) statuses += 1;
  Atomics.store(busy, index, 0);
  if (hasSentAll && answered === total) end();
}

/** The number of the socket's file, which Node.js keeps to itself. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

function end(): never {
  const sorted = latenciesMs.slice(skipped, answered).sort();
  const percentile = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  const [p50Ms, p99Ms, p999Ms] = [0.5, 0.99, 0.999].map(percentile);
  console.log(
    JSON.stringify({
      requests: answered,
      p50Ms,
      p99Ms,
      p999Ms,
      unanswered: total - answered,
      statuses,
      closed,
    }),
  );
  process.exit(0);
}
