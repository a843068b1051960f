import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What became of the requests of a load. */
export interface LoadReport {
  readonly answered: number;
  /** One line for each request that got no complete answer. */
  readonly failures: readonly string[];
  /** Times that no connection could be made at all. */
  readonly refusedConnections: number;
}

/** A load that runs until it is stopped. */
export interface SteadyLoad extends AsyncDisposable {
  /** Resolves when `count` more requests have been answered. */
  answered(count: number): Promise<void>;
  /** No request is begun any more; resolves when the last is over. */
  stop(): Promise<LoadReport>;
}

/**
 * Keeps `clients` keep-alive connections busy, one request after the other. A client leaves a connection only when it is told
 * to (`Connection: close`); everything else that ends one before a complete answer is a failure.
 */
export function steadyLoad(
  port: number,
  options: {
    readonly clients: number;
    readonly path?: string;
    readonly host?: string;
    /** Of each client between two requests: for loads that go on for long. */
    readonly pauseMs?: number;
  },
): SteadyLoad {
  const request = `GET ${options.path ?? '/'} HTTP/1.1\r\nHost: load.test\r\n\r\n`;
  const failures: string[] = [];
  let answered = 0;
  let refusedConnections = 0;
  const state = { isStopping: false };
  let waiting: { readonly at: number; readonly resolve: () => void }[] = [];

  const note = () => {
    answered++;
    const due = waiting.filter(({ at }) => at <= answered);
    if (due.length === 0) return;
    waiting = waiting.filter(({ at }) => at > answered);
    for (const { resolve } of due) resolve();
  };

  const client = async (): Promise<void> => {
    while (!state.isStopping) {
      const socket = await open(port, options.host ?? '127.0.0.1');
      if (socket === null) {
        refusedConnections++;
        await delay(10);
        continue;
      }
      try {
        let goesOn = true;
        while (goesOn && !state.isStopping) {
          goesOn = await exchange(socket, request);
          note();
          if (options.pauseMs !== undefined) await delay(options.pauseMs);
        }
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      } finally {
        socket.destroy();
      }
    }
  };
  const running = Array.from({ length: options.clients }, client);

  return {
    answered: (count) => new Promise((resolve) => waiting.push({ at: answered + count, resolve })),
    async stop() {
      state.isStopping = true;
      await Promise.all(running);
      return { answered, failures, refusedConnections };
    },
    async [Symbol.asyncDispose]() {
      state.isStopping = true;
      await Promise.all(running);
    },
  };
}

function open(port: number, host: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.setNoDelay(true);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}

/** One request and its answer; whether the connection may be used again. Throws when the answer is not complete and 200. */
function exchange(socket: Socket, request: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = (result: boolean | Error) => {
      socket.off('data', onData).off('end', onEnd).off('error', onError).off('close', onEnd);
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    const onData = (data: Buffer) => {
      text += data.toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const head = text.slice(0, headEnd).toLowerCase();
      const length = Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1]);
      if (text.length < headEnd + 4 + length) return;
      if (!head.startsWith('http/1.1 200'))
        settle(new Error(`answered ${head.slice(9, 12)}: ${text.slice(headEnd + 4)}`));
      else settle(!head.includes('\r\nconnection: close'));
    };
    const onEnd = () => settle(new Error(`the connection ended after ${text.length} bytes of an answer`));
    const onError = (error: Error) =>
      settle(new Error(`after ${text.length} bytes of an answer: ${error.message}`));
    // It may have ended between two requests, when nobody listened.
    if (socket.destroyed || socket.readableEnded) {
      onEnd();
      return;
    }
    socket.on('data', onData).on('end', onEnd).on('error', onError).on('close', onEnd);
    socket.write(request);
  });
}
