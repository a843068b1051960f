import { EventEmitter } from 'node:events';
import { constants } from 'node:os';

/** What of a process matters to those who handle its signals. */
export type OwnProcess = Pick<NodeJS.Process, 'on' | 'off' | 'exit'>;

/** A signal that comes again within this time is the same one, on another way. */
const ECHO_MS = 250;

const STOPPING = ['SIGTERM', 'SIGINT'] as const;

/**
 * Gives the process to somebody who will handle its signals, with two differences to the real one:
 *
 * - Echoes are left out. Ctrl-C goes to the whole process group and a service manager signals the whole control group, so
 *   where a launcher passes signals on (npm, or an old Node.js that started a newer one) each comes twice; and the second of them
 *   would cut all requests.
 * - A signal that comes while nobody listens yet is kept until somebody does: a gateway that is told to stop while it starts
 *   must not be torn down half-way (the second one ends the process), and one that is told to reload then must not miss it.
 */
export async function withOwnProcess<T>(give: (own: OwnProcess) => Promise<T>): Promise<T> {
  const own = Object.assign(new EventEmitter(), { exit: process.exit.bind(process) });
  const early = new Set<string>();
  const listeners = new Map<string, (fault: Error) => void>();
  for (const signal of STOPPING) {
    const hear = unlessEcho(() => {
      if (own.emit(signal, signal)) return;
      if (early.has(signal)) process.exit(128 + constants.signals[signal]);
      early.add(signal);
    });
    listeners.set(signal, hear);
  }
  listeners.set('SIGHUP', () => {
    if (!own.emit('SIGHUP', 'SIGHUP')) early.add('SIGHUP');
  });
  own.on('newListener', (event: string) => {
    // After the listener was added, which is when this returns.
    if (early.delete(event)) queueMicrotask(() => own.emit(event, event));
    if (event !== 'uncaughtException' || listeners.has(event)) return;
    const hear = (fault: Error): void => void own.emit(event, fault);
    listeners.set(event, hear);
    process.on(event, hear);
  });
  for (const [event, listener] of listeners) process.on(event, listener);
  try {
    // Only its `on`, `off` and `exit` are used, and any emitter can stand for those.
    return await give(own as unknown as OwnProcess);
  } finally {
    for (const [event, listener] of listeners) process.off(event, listener);
  }
}

function unlessEcho(act: () => void): () => void {
  let lastMs = -Infinity;
  return () => {
    const nowMs = performance.now();
    const isEcho = nowMs - lastMs < ECHO_MS;
    lastMs = nowMs;
    if (!isEcho) act();
  };
}
