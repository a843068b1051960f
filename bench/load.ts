/** The three kinds of load: as much as goes (wrk), at a constant rate (our own client), and none at all (idle connections). */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { complete, converse, type Placement } from './processes.ts';

/** What wrk sends: `get` one path, `upload` 1 MiB to it, `routes`: 10,000 paths in turn, `callers`: one path with all tokens, `kept`: one path, from caches. */
export interface Traffic {
  readonly mode: 'get' | 'upload' | 'routes' | 'callers' | 'kept';
  readonly path: string;
  readonly scheme?: 'http' | 'https';
  readonly seconds: number;
}

/** What one round of load brought. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: readonly string[];
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const connections = 50;

/** With the Host of wrk these are the ten fields of a realistic request. The token is not one: only `callers` brings some. */
export const requestFields: readonly string[] = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'Accept: application/json, text/plain, */*',
  'Accept-Language: en-GB,en;q=0.7,de;q=0.3',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Authorization: Bearer 5f2b8c1e9d7a4630b1c2d3e4f5a6978812345678',
  'Cookie: session=6c1f0e2d4b5a49788796a5b4c3d2e1f0; theme=dark',
  'Referer: https://app.example.com/orders?page=2&sort=date',
  'X-Request-Id: 0197f3c2-6e1b-7c3a-9f44-2a1b3c4d5e6f',
  'Cache-Control: no-cache',
];

/** Sends as much as one wrk thread with 50 keep-alive connections gets through. */
export async function saturate(port: number, traffic: Traffic, placement: Placement): Promise<LoadResult> {
  const text = await complete(wrk(port, traffic), placement, (traffic.seconds + 20) * 1000);
  const { connect, read, write, timeout, status, ...result } = lastJson(text) as WrkReport;
  const counts = { connect, read, write, timeout, 'status ≥ 400': status };
  return { ...result, errors: complaints(counts, result.requests) };
}

/** A load whose end does not have to be a whole second. */
export interface WarmUp extends Omit<Traffic, 'seconds'> {
  readonly milliseconds: number;
}

/** The same for a while, off the record. */
export async function warmUp(port: number, traffic: WarmUp, placement: Placement): Promise<void> {
  const child = converse(wrk(port, { ...traffic, seconds: 60 }), placement);
  const ended = once(child, 'close');
  await sleep(traffic.milliseconds);
  child.kill('SIGKILL');
  await ended;
}

function wrk(port: number, { mode, path, scheme = 'http', seconds }: Traffic): string[] {
  // With `no-cache` a client asks for what was not kept (RFC 9111 §5.2.1.4).
  const wanted = requestFields.filter((field) => mode !== 'kept' || !field.startsWith('Cache-Control:'));
  const fields = wanted.flatMap((field) => ['-H', field]);
  const size = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '5s'];
  return [
    'wrk',
    ...size,
    ...fields,
    '-s',
    here('load.lua'),
    `${scheme}://127.0.0.1:${port}${path}`,
    '--',
    mode,
  ];
}

/** How many connections h2load has, and how many requests it has under way on each. */
const sessions = { connections: 10, streams: 10 };

/** Sends as much over HTTP/2 and TLS as one thread of h2load gets through. It tells no percentiles. */
export async function multiplex(
  port: number,
  { path, seconds }: Pick<Traffic, 'path' | 'seconds'>,
  placement: Placement,
): Promise<Omit<LoadResult, 'p50Ms' | 'p99Ms'>> {
  const text = await complete(h2load(port, path, seconds), placement, (seconds + 20) * 1000);
  const {
    succeeded = '0',
    failed = '0',
    errored = '0',
    timeout = '0',
  } = /(?<succeeded>\d+) succeeded, (?<failed>\d+) failed, (?<errored>\d+) errored, (?<timeout>\d+) timeout/.exec(
    text,
  )?.groups ?? {};
  const requests = Number(succeeded);
  const counts = { failed: Number(failed), errored: Number(errored), timeout: Number(timeout) };
  return { requests, seconds, errors: complaints(counts, requests) };
}

/** The same for a while, off the record. */
export async function multiplexWarmUp(
  port: number,
  { path, milliseconds }: Pick<WarmUp, 'path' | 'milliseconds'>,
  placement: Placement,
): Promise<void> {
  await multiplex(port, { path, seconds: Math.max(1, Math.round(milliseconds / 1000)) }, placement);
}

function h2load(port: number, path: string, seconds: number): string[] {
  const { connections, streams } = sessions;
  const fields = requestFields.flatMap((field) => ['-H', field]);
  const size = [`-c${connections}`, `-m${streams}`, '-t1', `-D${seconds}`];
  return ['h2load', ...size, ...fields, `https://127.0.0.1:${port}${path}`];
}

interface WrkReport
  extends Omit<LoadResult, 'errors'>, Record<'connect' | 'read' | 'write' | 'timeout' | 'status', number> {}

/** Latency at a constant rate, from the intended time of sending; sorted by the client, in milliseconds. */
export interface PacedResult {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly errors: readonly string[];
}

/** A constant rate. */
export interface Pace {
  readonly ratePerSecond: number;
  readonly seconds: number;
}

/** Sends at a constant rate over 50 keep-alive connections, however long the answers take. */
export async function paced(
  port: number,
  { ratePerSecond, seconds }: Pace,
  placement: Placement,
): Promise<PacedResult> {
  const numbers = [port, ratePerSecond, seconds, connections].map(String);
  // A larger nursery: its own collections become too rare to be measured.
  const command = [
    process.execPath,
    '--max-semi-space-size=64',
    here('programs/paced-client.ts'),
    ...numbers,
    '/small',
    ...requestFields,
  ];
  const text = await complete(command, placement, (seconds + 20) * 1000);
  const { unanswered, statuses, closed, ...result } = lastJson(text) as PacedReport;
  return {
    ...result,
    errors: complaints({ unanswered, 'status not 200': statuses, closed }, result.requests),
  };
}

interface PacedReport
  extends Omit<PacedResult, 'errors'>, Record<'unanswered' | 'statuses' | 'closed', number> {}

/** Connections that have made one request each and stay open until `close`. */
export interface IdleConnections {
  readonly close: () => Promise<readonly string[]>;
}

/** Opens `count` connections, makes a request on each, and leaves them. `close` tells what went wrong. */
export async function openIdle(port: number, count: number, placement: Placement): Promise<IdleConnections> {
  const command = [process.execPath, here('programs/idle-clients.ts'), String(port), String(count), '/small'];
  const child = converse(command, placement);
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error('the program that holds idle connections has failed');
    return value;
  };
  await nextLine();
  return {
    async close() {
      child.stdin?.end();
      const { failed, closed } = JSON.parse(await nextLine()) as { failed: number; closed: number };
      clearTimeout(timer);
      return complaints({ 'failed to open or answer': failed, 'closed by the gateway': closed }, count);
    },
  };
}

function complaints(counts: Readonly<Record<string, number>>, requests: number): string[] {
  const bad = Object.entries(counts).filter(([, count]) => count > 0);
  const text = bad.map(([what, count]) => `${what}: ${count} of ${requests}`);
  return requests === 0 ? ['not one request was answered', ...text] : text;
}

function lastJson(text: string): unknown {
  const line = text.split('\n').findLast((candidate) => candidate.startsWith('{'));
  if (line === undefined) throw new Error(`no result in: ${text.slice(-500)}`);
  return JSON.parse(line);
}
