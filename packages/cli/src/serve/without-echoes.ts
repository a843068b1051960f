import { EventEmitter } from 'node:events';

/** What of a process matters to those who handle its signals. */
export type OwnProcess = Pick<NodeJS.Process, 'on' | 'off' | 'exit'>;

/** A signal that comes again within this time is the same one, on another way. */
const ECHO_MS = 250;

const STOPPING = ['SIGTERM', 'SIGINT'] as const;
const OTHERS = ['SIGHUP', 'uncaughtException'] as const;

/**
 * Gives the process to somebody, without echoes of signals. Ctrl-C goes to the whole process group and a service manager
 * signals the whole control group, so where a launcher passes signals on (npm, or an old Node.js that started a newer one) each
 * comes twice; and the second of them would cut all requests.
 */
export async function withoutEchoes<T>(give: (own: OwnProcess) => Promise<T>): Promise<T> {
  const own = Object.assign(new EventEmitter(), { exit: process.exit.bind(process) });
  const listeners = new Map<string, (...args: unknown[]) => void>();
  for (const signal of STOPPING) {
    listeners.set(
      signal,
      unlessEcho(() => own.emit(signal, signal)),
    );
  }
  for (const event of OTHERS) listeners.set(event, (...args) => own.emit(event, ...args));
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
