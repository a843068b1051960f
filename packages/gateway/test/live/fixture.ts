import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Supervisor } from '../../src/main.ts';
import { ask, until } from '../threads/fixture.ts';

/** A line of the stream, as far as tests look at it. */
export interface Seen {
  readonly path?: string;
  readonly status?: number;
  readonly route?: string;
  readonly dropped?: number;
}

/** Somebody who watches. */
export interface Watcher {
  /** The next line; what nobody has asked for is not read. */
  next(): Promise<Seen>;
  leave(): void;
}

/** Begins to watch; the answer is there when the gateway knows of it. */
export async function watch(gateway: Supervisor, query = ''): Promise<Watcher> {
  const path = `/requests/stream${query}`;
  const outgoing: ClientRequest = request({ port: gateway.adminPort, path, host: '127.0.0.1', agent: false });
  outgoing.on('error', () => {}); // it ends with the gateway
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  return {
    next: async () => JSON.parse((await lines.next()).value ?? 'null'),
    leave: () => outgoing.destroy(),
  };
}

/** Asks until a watcher has seen it: threads hear of watchers a moment later. Gives the first that was seen. */
export async function seenOf(watcher: Watcher, gateway: Supervisor, path: string): Promise<Seen> {
  let seen: Seen | null = null;
  const seeing = watcher.next().then((line) => (seen = line));
  await until(async () => {
    await ask(gateway.ports.get('web'), path);
    return seen !== null;
  });
  return seeing;
}
