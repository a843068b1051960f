import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An instance as it was registered, and how it is. */
export interface ConsulRegistration {
  readonly id: string;
  /** `''`: that of its node. */
  readonly address?: string;
  readonly port: number;
  readonly tags?: readonly string[];
  readonly meta?: Readonly<Record<string, string>>;
  readonly weight?: number;
  readonly status?: 'passing' | 'warning' | 'critical';
  readonly node?: { readonly name: string; readonly address: string; readonly zone?: string };
}

/** What a request was. */
export interface ConsulRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | null;
}

/**
 * An agent of Consul as far as `/v1/health/service/:name` goes: blocking queries by one index for all services, filters by check,
 * tag and data centre, tokens. Written after Consul's documentation; it is not Consul.
 */
export interface ConsulServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ConsulRequest[];
  register(service: string, instance: ConsulRegistration): void;
  deregister(service: string, id: string): void;
  /** Goes on counting from here, as after a restored snapshot; who waits is answered. */
  setIndex(index: number): void;
  /** Every request from now on is answered by this, until `null`. */
  answerWith(answer: ((response: ServerResponse) => void) | null): void;
  /** What else answers carry. */
  setHeaders(headers: Readonly<Record<string, string>>): void;
  /** Only this token is known. */
  requireToken(token: string): void;
  /** Breaks all connections, and takes no more until it is restarted. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** Starts an agent of data centre `dc1`. */
export async function consulServer(): Promise<ConsulServer> {
  const agent = new Agent();
  await agent.restart();
  return agent;
}

class Agent implements ConsulServer {
  readonly requests: ConsulRequest[] = [];
  readonly #services = new Map<string, Map<string, ConsulRegistration>>();
  readonly #waiting = new Set<() => void>();
  #server = createServer();
  #port = 0;
  #index = 10;
  #answer: ((response: ServerResponse) => void) | null = null;
  #headers: Readonly<Record<string, string>> = {};
  #token: string | null = null;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  register(service: string, instance: ConsulRegistration): void {
    const instances = this.#services.get(service) ?? new Map<string, ConsulRegistration>();
    this.#services.set(service, instances.set(instance.id, instance));
    this.setIndex(this.#index + 1);
  }

  deregister(service: string, id: string): void {
    this.#services.get(service)?.delete(id);
    this.setIndex(this.#index + 1);
  }

  setIndex(index: number): void {
    this.#index = index;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  answerWith(answer: ((response: ServerResponse) => void) | null): void {
    this.#answer = answer;
    this.setIndex(this.#index);
  }

  setHeaders(headers: Readonly<Record<string, string>>): void {
    this.#headers = headers;
  }

  requireToken(token: string): void {
    this.#token = token;
  }

  async restart(): Promise<void> {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async kill(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    // Nobody waits any more, and a timer that runs on would keep the process.
    this.setIndex(this.#index);
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.kill();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', this.url);
    const token = request.headers['x-consul-token'] ?? null;
    this.requests.push({ path, query, token: typeof token === 'string' ? token : null });
    if (this.#isAnswered(response)) return;
    const service = /^\/v1\/health\/service\/([^/]+)$/.exec(path)?.[1];
    if (service === undefined) return end(response, 404, '');
    if (this.#token !== null && token !== null && token !== this.#token)
      return end(response, 403, 'ACL not found');
    if ((query.get('dc') ?? 'dc1') !== 'dc1') return end(response, 500, 'No path to datacenter');
    await this.#wait(query);
    if (this.#isAnswered(response)) return;
    const isFiltered = this.#token !== null && token !== this.#token;
    const entries = isFiltered ? [] : this.#entries(decodeURIComponent(service), query);
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-consul-index': this.#index,
      'x-consul-knownleader': 'true',
      'x-consul-lastcontact': '0',
      'x-consul-effective-consistency': 'stale',
      ...(isFiltered && { 'x-consul-results-filtered-by-acls': 'true' }),
      ...this.#headers,
    });
    response.end(JSON.stringify(entries));
  }

  #isAnswered(response: ServerResponse): boolean {
    this.#answer?.(response);
    return this.#answer !== null;
  }

  /** Until the index is larger than the one that was asked with, or the time is over. */
  async #wait(query: URLSearchParams): Promise<void> {
    const index = Number(query.get('index') ?? 0);
    const [, amount = '300', unit = 's'] = /^(\d+)(ms|s|m)$/.exec(query.get('wait') ?? '') ?? [];
    if (index === 0 || this.#index > index) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Number(amount) * (UNIT_MS[unit] ?? 1));
    this.#waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  #entries(service: string, query: URLSearchParams): object[] {
    const all = [...(this.#services.get(service)?.values() ?? [])];
    return all
      .filter(({ tags = [] }) => query.getAll('tag').every((tag) => tags.includes(tag)))
      .filter(({ status = 'passing' }) => !query.has('passing') || status === 'passing')
      .map((instance) => entryOf(service, instance));
  }
}

function entryOf(service: string, instance: ConsulRegistration): object {
  const { id, address = '', port, tags = [], meta = {}, weight = 1, status = 'passing' } = instance;
  const { name, address: nodeAddress, zone } = instance.node ?? { name: 'node-1', address: '10.0.0.100' };
  return {
    Node: {
      ID: '40e4a748-2192-161a-0510-9bf59fe950b5',
      Node: name,
      Address: nodeAddress,
      Datacenter: 'dc1',
      Meta: zone === undefined ? null : { zone },
    },
    Service: {
      ID: id,
      Service: service,
      Tags: tags,
      Address: address,
      Meta: meta,
      Port: port,
      Weights: { Passing: weight, Warning: 1 },
    },
    Checks: [{ Node: name, CheckID: `service:${id}`, Status: status, ServiceID: id }],
  };
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
