import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import type { Agent, buildConnector, Dispatcher } from 'undici';
import type { FindAddresses } from './find-addresses.ts';
import { HttpFailure } from './http-failure.ts';
import { linesOf } from './lines-of.ts';

/** What is asked of somebody else. */
export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For all of it, from the connection to the last byte. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** PEM text of the authorities that vouch for the server; null: those that Node.js knows. */
  readonly authorities?: string | null;
}

/** What is asked of somebody whose answer goes on. `timeoutMs` is for its head, `maxBytes` for each line. */
export interface LinesRequest extends HttpRequest {
  /** The longest time between two pieces of the answer. */
  readonly silenceMs: number;
}

/** An answer that goes on. Whoever asked reads it, be it one line: what nobody reads keeps its connection. */
export interface LinesAnswer {
  readonly status: number;
  /** Leaving the loop breaks the answer off. Rejects when it breaks off by itself, is silent for too long, or a line is too long. */
  readonly lines: AsyncIterable<string>;
}

/** What came back, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; repeated fields are joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** The same with its body as it came. */
export interface BytesAnswer extends Omit<HttpAnswer, 'text'> {
  readonly body: Buffer;
}

/** How a client calls. */
export interface HttpClientOptions {
  /** Where a name may lead; without it, wherever the system says. The address that was found is the one that is called. */
  readonly findAddresses?: FindAddresses;
  readonly timeoutMs?: number;
  /** For each origin; what is more waits. Null: no limit, for answers that take long by intention. */
  readonly connections?: number | null;
}

/**
 * Calls others for the supervisor: never on the request path. Keeps connections, checks certificates, follows no redirects,
 * and bounds how long it takes and how much it reads. Rejects with an {@link HttpFailure}.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #timeoutMs: number;
  /** By the authorities they believe. */
  readonly #agents = new Map<string | null, Agent>();
  #isClosed = false;

  constructor(options: HttpClientOptions = {}) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  async request(url: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    const { body, ...answer } = await this.requestBytes(url, request);
    return { ...answer, text: body.toString('utf8') };
  }

  async requestBytes(url: string, request: HttpRequest): Promise<BytesAnswer> {
    const { timeoutMs = this.#timeoutMs, maxBytes = MAX_BYTES } = request;
    const signal = AbortSignal.any([AbortSignal.timeout(Math.ceil(timeoutMs)), request.signal ?? []].flat());
    // The signal is the shorter of the two, unless somebody has minutes to wait.
    const limits = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs, signal };
    const { origin, pathname } = parsed(url);
    try {
      const answer = await this.#send(url, request, limits);
      const body = await bytesOf(answer.body, maxBytes);
      return { status: answer.statusCode, headers: fieldsOf(answer.headers), body };
    } catch (error) {
      throw failureOf(error, `${origin}${pathname}`, timeoutMs);
    }
  }

  async lines(url: string, request: LinesRequest): Promise<LinesAnswer> {
    const { timeoutMs = this.#timeoutMs, maxBytes = MAX_BYTES, silenceMs, signal } = request;
    const limits = { headersTimeout: timeoutMs, bodyTimeout: silenceMs, ...(signal && { signal }) };
    const { origin, pathname } = parsed(url);
    try {
      const answer = await this.#send(url, request, limits);
      const fail = (error: unknown): HttpFailure => failureOf(error, `${origin}${pathname}`, silenceMs);
      return { status: answer.statusCode, lines: linesOf(answer.body, maxBytes, fail) };
    } catch (error) {
      throw failureOf(error, `${origin}${pathname}`, timeoutMs);
    }
  }

  /** Closes its connections after what is under way; resolves when that is done. */
  async closeWhenIdle(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Array.from(this.#agents.values(), (agent) => agent.close()));
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Array.from(this.#agents.values(), (agent) => agent.destroy()));
  }

  async #send(url: string, request: HttpRequest, limits: Limits): Promise<Dispatcher.ResponseData> {
    const { method = 'GET', headers = {}, body = null, authorities = null } = request;
    const { origin, pathname, search } = parsed(url);
    const path = `${pathname}${search}`;
    // A hundred modules, for the first call of all: most gateways call nobody.
    const agent = this.#agentFor(authorities, await import('undici'));
    return agent.request({ origin, path, method, headers, body, ...limits });
  }

  #agentFor(authorities: string | null, undici: Undici): Agent {
    const known = this.#agents.get(authorities);
    if (known !== undefined) return known;
    if (this.#isClosed) throw new HttpFailure('network', 'the client is closed');
    if (this.#agents.size >= MAX_AGENTS) this.#retireOldest();
    const { connections = MAX_CONNECTIONS, findAddresses } = this.#options;
    const trust = { ...CONNECT, ...(authorities !== null && { ca: authorities }) };
    const connector = (more: object = {}) => undici.buildConnector({ ...trust, ...more });
    const connect = findAddresses === undefined ? connector() : checkedConnector(findAddresses, connector);
    const agent = new undici.Agent({ connect, connections });
    this.#agents.set(authorities, agent);
    return agent;
  }

  /** Authorities are replaced now and then; the connections of the old ones close when they are idle. */
  #retireOldest(): void {
    for (const [authorities, agent] of this.#agents) {
      this.#agents.delete(authorities);
      agent.close().catch(() => {}); // it was closed already
      return;
    }
  }
}

type Undici = typeof import('undici');
type Limits = Pick<Dispatcher.RequestOptions, 'headersTimeout' | 'bodyTimeout'> & { signal?: AbortSignal };

const TIMEOUT_MS = 3000;
const MAX_BYTES = 1024 * 1024;
/** For each origin; what is more waits. */
const MAX_CONNECTIONS = 64;
const MAX_AGENTS = 64;
/** `rejectUnauthorized` is said, so that no variable of the environment turns it off. */
const CONNECT = { allowH2: false, rejectUnauthorized: true, timeout: TIMEOUT_MS };

/** Looks names up by `find`, and has it look at addresses as well, which `net.connect` does not look up. */
function checkedConnector(
  find: FindAddresses,
  connector: (more: { readonly lookup: LookupFunction }) => buildConnector.connector,
): buildConnector.connector {
  const findThen = callbackify(find);
  const lookup: LookupFunction = (host, { all }, callback) =>
    findThen(host, (error, found) => {
      const [first] = found ?? [];
      if (error !== null || first === undefined) callback(error, '');
      else if (all === true) callback(null, [...found]);
      else callback(null, first.address, first.family);
    });
  const connect = connector({ lookup });
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

async function bytesOf(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new HttpFailure('too-large', `its answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
  const isLate = error instanceof Error && /^(Timeout|HeadersTimeout|BodyTimeout)Error$/.test(error.name);
  return isLate
    ? new HttpFailure('timeout', `${where}: no answer within ${timeoutMs} ms`)
    : new HttpFailure('network', `${where}: ${codeOf(error)}`, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
