import { setTimeout as delay } from 'node:timers/promises';
import type { AdminClient } from '../admin-client.ts';
import { Failure, UsageError } from '../exit-codes.ts';
import { DEBUG_FIELD, type TraceView } from '../gateway.ts';

/** A request that is really sent. */
export interface LiveRequest {
  readonly method: string;
  readonly url: string;
  /** As `name: value`. */
  readonly headers: readonly string[];
  readonly token: string;
}

/** Sends a request to a gateway and gives the trace of what became of it. */
export async function explainLive(request: LiveRequest, client: AdminClient): Promise<TraceView> {
  const id = await traceIdOf(request);
  if (id === null)
    throw new Failure('no trace came back: the token is not good there, or too many were asked for at once');
  const path = `/requests/${encodeURIComponent(id)}/trace`;
  // The reply is here before the gateway has put its trace away.
  for (let left = MOST_LOOKS; left > 1; left--) {
    const trace = await client.ask<TraceView>('GET', path).catch(() => null);
    if (trace !== null) return trace;
    await delay(PAUSE_MS);
  }
  return client.ask<TraceView>('GET', path);
}

async function traceIdOf({ method, url, headers, token }: LiveRequest): Promise<string | null> {
  if (!/^https?:\/\//i.test(url) || URL.parse(url) === null)
    throw new UsageError(`--live needs a whole URL, such as http://localhost:8080/path; "${url}" is none`);
  const pairs = headers.map(fieldOf);
  try {
    const fields = new Headers([...pairs, [DEBUG_FIELD, token]]);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { method, headers: fields, redirect: 'manual', signal });
    await response.body?.pipeTo(new WritableStream());
    return response.headers.get('x-turnpike-trace-id');
  } catch (error) {
    const cause = error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
    throw new Failure(`the request could not be sent to ${new URL(url).origin}`, { cause });
  }
}

function fieldOf(line: string): [string, string] {
  const [, name, value = ''] = /^([^\s:]+):\s*(.*?)\s*$/.exec(line) ?? [];
  if (name === undefined) throw new UsageError(`"${line}" is no header: write 'name: value'`);
  return [name, value];
}

const PATIENCE_MS = 60_000;
const MOST_LOOKS = 20;
const PAUSE_MS = 100;
