/** Single requests on connections of their own: to see whether a server is ready, and what it does to a request. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './processes.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Gets `path` from 127.0.0.1 within five seconds, as the owner of a token if there is one. */
export function get(port: number, path: string, token = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fields = token === '' ? {} : { authorization: `Bearer ${token}` };
    const options = { host: '127.0.0.1', port, path, headers: fields, agent: false, timeout: 5000 };
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      const { statusCode: status = 0, headers } = incoming;
      incoming.on('end', () => resolve({ status, headers, body: Buffer.concat(chunks) }));
      incoming.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer to ${path} within 5 s`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** Waits until `path` answers 200. Ends the program and fails with what it printed when that takes more than 30 seconds. */
export async function whenReady(program: Program, port: number, path: string): Promise<void> {
  try {
    await answered(program, port, path);
  } catch (error) {
    await program.stop();
    throw error;
  }
}

async function answered(program: Program, port: number, path: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  let last = 'nothing listens';
  while (performance.now() < deadline) {
    if (program.child.exitCode !== null) throw new Error(`it ended at once: ${program.tail()}`);
    try {
      const { status } = await get(port, path);
      if (status === 200) return;
      last = `it answers ${status}`;
    } catch (error) {
      last = (error as Error).message;
    }
    await sleep(50);
  }
  throw new Error(`not ready after 30 s (${last}): ${program.tail()}`);
}
