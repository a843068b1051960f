import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

// A service of known capacity, in a thread of its own: so many workers, and a time that each request takes one of them. What
// finds none free waits, in the order in which it came; and what nobody waits for any more is done all the same.

/** How the service works from now on. */
export interface StubPlan {
  readonly workers: number;
  /** By path. */
  readonly workMs: Readonly<Record<string, number>>;
}

/** What it has done since it was asked the last time. */
export interface StubReport {
  readonly served: number;
  /** For how long workers were at work, all together. On a busy machine each request takes a little longer. */
  readonly workedMs: number;
}

/** What a test tells the service: a plan, or null, which asks for a report. */
export type ToStub = StubPlan | null;
/** The port it listens on, once; then reports. */
export type FromStub = { readonly port: number } | StubReport;

const port = parentPort;
if (port === null) throw new Error('stub-service.ts is the entry of a worker thread');
const tell = (message: FromStub): void => port.postMessage(message, []);

let plan: StubPlan = { workers: 0, workMs: {} };
let busy = 0;
let report = { served: 0, workedMs: 0 };
const waiting: (() => void)[] = [];

function serveWaiting(): void {
  while (busy < plan.workers && waiting.length > 0) {
    busy++;
    waiting.shift()?.();
  }
}

const server = createServer((request, response) => {
  waiting.push(() => {
    const beganMs = performance.now();
    setTimeout(
      () => {
        report = { served: report.served + 1, workedMs: report.workedMs + performance.now() - beganMs };
        response.end('done');
        busy--;
        serveWaiting();
      },
      plan.workMs[request.url ?? ''] ?? 0,
    );
  });
  serveWaiting();
});
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));

port.on('message', (message: ToStub) => {
  if (message === null) {
    tell(report);
    report = { served: 0, workedMs: 0 };
  } else {
    plan = message;
    serveWaiting();
  }
});
