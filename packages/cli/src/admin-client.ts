import type { Given, Option } from './command.ts';
import { Failure, UsageError } from './exit-codes.ts';
import { type Fault, faultsOf, RejectedConfiguration } from './rejected.ts';

/** Where the admin API is, unless it is said. */
const DEFAULT_ADMIN = 'http://127.0.0.1:9901';
/** Longer than a gateway takes for anything that a command asks for. */
const PATIENCE_MS = 60_000;

/** `--admin` and `--token`, which all commands have that talk to a gateway that runs. */
export const adminOptions: readonly Option[] = [
  {
    name: 'admin',
    value: { kind: 'text', name: 'URL' },
    about: `the admin API of the gateway (default: TURNPIKE_ADMIN, or ${DEFAULT_ADMIN})`,
  },
  {
    name: 'token',
    value: { kind: 'text', name: 'TOKEN' },
    about: 'its token; better in TURNPIKE_TOKEN, where others on the machine do not see it',
  },
];

/** The admin API of a gateway that runs. */
export interface AdminClient {
  /** What it answers, as JSON. Rejects with a `Failure` that says why not, or a `UsageError` if the request was wrong. */
  ask<T>(method: Method, path: string, body?: object): Promise<T>;
  /** The same for what is no JSON, or comes with a version. */
  exchange(request: AdminRequest): Promise<AdminAnswer>;
  /** Hears the lines of what it answers, those that came together at once, until the gateway or the reader ends it. Rejects likewise. */
  follow(path: string, hear: (lines: readonly string[]) => void): Promise<void>;
}

/** What is done with a resource. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request to the admin API. */
export interface AdminRequest {
  readonly method: Method;
  readonly path: string;
  readonly body?: object;
  /** The version that it must still have. */
  readonly ifMatch?: string | null;
}

/** What came of it. */
export interface AdminAnswer {
  readonly text: string;
  /** The version of what it is about; `null`: it has none. */
  readonly etag: string | null;
}

/** Talks to the gateway that the options or the environment name. */
export function adminClient(given: Given, environment: NodeJS.ProcessEnv = process.env): AdminClient {
  const base = baseOf(given.text('admin') ?? environment['TURNPIKE_ADMIN'] ?? DEFAULT_ADMIN);
  const token = given.text('token') ?? environment['TURNPIKE_TOKEN'] ?? '';
  if (/[^\x21-\x7e]/.test(token)) throw new UsageError('the token has characters that no token can have');

  const authorization = token === '' ? {} : { Authorization: `Bearer ${token}` };
  return {
    follow: (path, hear) => follow(`${base}${path}`, { authorization, base }, hear),
    ask: async <T>(method: Method, path: string, body?: object) =>
      answerOf(await sendTo({ method, path, ...(body !== undefined && { body }) }), base) as T,
    exchange: async (request) => {
      const answer = await sendTo(request);
      if (!answer.isOk) answerOf(answer, base);
      return answer;
    },
  };

  function sendTo({ method, path, body, ifMatch }: AdminRequest): Promise<Answer> {
    return send(`${base}${path}`, {
      method,
      headers: {
        ...authorization,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(typeof ifMatch === 'string' && { 'If-Match': ifMatch }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }
}

/** `http://host:9901`, or only `host:9901`; without a slash at its end. */
function baseOf(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.username !== '')
    throw new UsageError(`"${text}" is no address of an admin API; it is like ${DEFAULT_ADMIN}`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** What came back, to its end. */
interface Answer extends AdminAnswer {
  readonly status: number;
  readonly isOk: boolean;
}

/** Redirects are not followed: the token is for this gateway alone. */
async function send(url: string, request: RequestInit): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { ...request, redirect: 'manual', signal });
    const etag = response.headers.get('etag');
    return { status: response.status, isOk: response.ok, text: await response.text(), etag };
  } catch (error) {
    throw unreachable(url, error);
  }
}

function unreachable(url: string, error: unknown): Failure {
  const cause = error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof AggregateError ? cause.errors[0] : cause;
  return new Failure(`the admin API cannot be reached at ${new URL(url).origin}`, { cause: reason });
}

interface Following {
  readonly authorization: Record<string, string>;
  readonly base: string;
}

async function follow(
  url: string,
  { authorization: headers, base }: Following,
  hear: (lines: readonly string[]) => void,
): Promise<void> {
  const request = fetch(url, { headers, redirect: 'manual' });
  const response = await request.catch((error: unknown) => Promise.reject(unreachable(url, error)));
  const { status, body } = response;
  if (!response.ok || body === null || !/ndjson/.test(response.headers.get('content-type') ?? '')) {
    // Only to tell what is wrong with it: whatever is no problem document is no admin API that can do this.
    answerOf({ status, isOk: false, text: await response.text(), etag: null }, base);
    return;
  }
  try {
    for await (const lines of linesOf(body)) if (lines.length > 0) hear(lines);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Failure('the gateway has ended the stream', { cause: error.cause });
  }
}

/** Those that came together at once; without empty ones. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield lines.filter((line) => line !== '');
  }
}

function answerOf({ status, isOk, text }: Answer, base: string): unknown {
  const value = parsed(text);
  if (isOk && (value !== null || status === 204)) return value;
  const problem = value as Partial<Record<'title' | 'detail' | 'code' | 'file', string>> & {
    readonly errors?: unknown;
    readonly line?: number;
  };
  if (typeof problem?.title !== 'string')
    throw new Failure(`what answers at ${base} is no admin API of Turnpike that can do this (${status})`);
  const faults = faultsOf(problem.errors);
  if (problem.code === 'CONFIG_REJECTED') throw new RejectedConfiguration(problem.title, faults);
  const hint = status === 401 ? 'give it with --token or TURNPIKE_TOKEN' : '';
  const place = problem.file === undefined ? '' : ` (${problem.file}:${problem.line})`;
  const details = [`${problem.detail ?? ''}${place}`, ...faults.map(textOf), hint];
  const told = details.filter((text) => text !== '');
  if (status === 422) throw new UsageError(told.join('; '));
  throw new Failure([problem.title, ...told].join(': '));
}

/** With what it is about, where that is a part of what was sent. */
function textOf({ message, pointer }: Fault): string {
  return pointer?.startsWith('/') === true ? `${pointer}: ${message}` : message;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // told by who asked for it
  }
}
