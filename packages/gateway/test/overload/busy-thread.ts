import { BroadcastChannel } from 'node:worker_threads';

// A data thread that works on something else as well, as a plugin or a large document would have it do: for so many ms of
// processor time in each turn of its event loop. A test says how many.

let workMs = 0;

const orders = new BroadcastChannel('busy');
orders.onmessage = (event) => {
  const wasIdle = workMs === 0;
  workMs = (event as { readonly data: number }).data;
  if (wasIdle) work();
};
orders.unref();
// When it is ready, orders are heard.
await import('../../src/threads/data-thread.ts');

function work(): void {
  const untilMs = cpuMs() + workMs;
  while (cpuMs() < untilMs);
  if (workMs > 0) setImmediate(work);
}

/** Not the time of day, which goes on while others have the processor. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
