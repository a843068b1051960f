// The program of a thread that asks a gateway again and again whether it is ready, and says how long it waited.
import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const EVERY_MS = 5;
const { port } = workerData as { readonly port: number };
const agent = new Agent({ keepAlive: true });
const took: number[] = [];
const stopped = new AbortController();

parentPort?.once('message', () => stopped.abort());
await ready();
took.length = 0;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not to a window
parentPort?.postMessage('begun');
while (!stopped.signal.aborted) {
  await ready();
  await delay(EVERY_MS);
}
took.sort((a, b) => b - a);
const [worstMs = 0] = took;
const found = {
  worstMs: Math.round(worstMs),
  next: took.slice(1, 4).map(Math.round),
  over50: took.filter((ms) => ms > 50).length,
};
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not to a window
parentPort?.postMessage(found);
agent.destroy();

function ready(): Promise<void> {
  const beganAt = performance.now();
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/readyz', agent }, (response) => {
      response.resume().once('end', () => {
        took.push(performance.now() - beganAt);
        resolve();
      });
    }).once('error', reject);
  });
}
