import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { FindAddresses } from './find-addresses.ts';
import { HttpFailure } from './http-failure.ts';

/** What is asked of somebody else. */
export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For all of it, from the connection to the last byte. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** What came back, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; repeated fields are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** How a client calls. */
export interface HttpClientOptions {
  /** Where a name may lead; without it, wherever the system says. The address that was found is the one that is called. */
  readonly findAddresses?: FindAddresses;
  readonly timeoutMs?: number;
}

/**
 * Calls others for the supervisor: never on the request path. Keeps connections, checks certificates, follows no redirects,
 * and bounds how long it takes and how much it reads. Rejects with an {@link HttpFailure}.
 */
export class HttpClient {
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor({ findAddresses, timeoutMs = TIMEOUT_MS }: HttpClientOptions = {}) {
    const connect = findAddresses === undefined ? buildConnector(CONNECT) : checkedConnector(findAddresses);
    this.#agent = new Agent({ connect, connections: MAX_CONNECTIONS });
    this.#timeoutMs = timeoutMs;
  }

  async request(url: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    const { method = 'GET', headers = {}, body = null } = request;
    const { timeoutMs = this.#timeoutMs, maxBytes = MAX_BYTES } = request;
    const { origin, pathname, search } = parsed(url);
    const path = `${pathname}${search}`;
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), request.signal ?? []].flat());
    try {
      const answer = await this.#agent.request({ origin, path, method, headers, body, signal });
      const text = await textOf(answer.body, maxBytes);
      return { status: answer.statusCode, headers: fieldsOf(answer.headers), text };
    } catch (error) {
      throw failureOf(error, `${origin}${pathname}`, timeoutMs);
    }
  }

  /** Closes its connections after what is under way; resolves when that is done. */
  closeWhenIdle(): Promise<void> {
    return this.#agent.close();
  }

  /** Breaks off what is under way. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

const TIMEOUT_MS = 3000;
const MAX_BYTES = 1024 * 1024;
/** For each origin; what is more waits. */
const MAX_CONNECTIONS = 64;
/** `rejectUnauthorized` is said, so that no variable of the environment turns it off. */
const CONNECT = { allowH2: false, rejectUnauthorized: true, timeout: TIMEOUT_MS };

/** Looks names up by `find`, and has it look at addresses as well, which `net.connect` does not look up. */
function checkedConnector(find: FindAddresses): buildConnector.connector {
  const findThen = callbackify(find);
  const lookup: LookupFunction = (host, { all }, callback) =>
    findThen(host, (error, found) => {
      const [first] = found ?? [];
      if (error !== null || first === undefined) callback(error, '');
      else if (all === true) callback(null, [...found]);
      else callback(null, first.address, first.family);
    });
  const connect = buildConnector({ ...CONNECT, lookup });
  return (options, callback) => {
    if (isIP(options.hostname) === 0) connect(options, callback);
    else
      findThen(options.hostname, (error) => {
        if (error === null) connect(options, callback);
        else callback(error, null);
      });
  };
}

function parsed(url: string): URL {
  const target = URL.parse(url);
  if (target === null || !/^https?:$/.test(target.protocol))
    throw new HttpFailure('address', 'it is no address of HTTP');
  return target;
}

async function textOf(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new HttpFailure('too-large', `its answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function fieldsOf(headers: Dispatcher.ResponseData['headers']): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) fields.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return fields;
}

function failureOf(error: unknown, where: string, timeoutMs: number): HttpFailure {
  if (error instanceof HttpFailure) return new HttpFailure(error.fault, `${where}: ${error.message}`);
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  return isLate
    ? new HttpFailure('timeout', `${where}: no answer within ${timeoutMs} ms`)
    : new HttpFailure('network', `${where}: ${codeOf(error)}`, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
