import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** An EndpointSlice without what the server adds to it. */
export interface Slice {
  readonly name: string;
  readonly service: string;
  readonly addressType?: 'IPv4' | 'IPv6' | 'FQDN';
  readonly ports?: readonly object[] | null;
  readonly endpoints: readonly object[] | null;
}

/**
 * The API server of Kubernetes as far as `endpointslices` of namespace `prod` go: list with label selector and pages, watch from
 * a version with bookmarks, 410 for versions that are forgotten, bearer tokens. Written after its documentation; it is not
 * Kubernetes.
 */
export interface KubernetesServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly URL[];
  apply(slice: Slice): void;
  remove(name: string): void;
  /** Tells all watches that there is nothing else up to now. */
  bookmark(): void;
  /** Forgets what happened up to now: running watches are told (an ERROR event), and later ones are refused. */
  expire(): void;
  /** Ends all watches in order, as they do when their time is over. */
  endWatches(): void;
  /** Breaks all connections, in the midst of this text. */
  breakOff(text: string): Promise<void>;
  /** Writes this into all watches as it is. */
  say(text: string): void;
  /** Every request from now on is answered by this, until `null`. */
  answerWith(answer: ((response: ServerResponse) => void) | null): void;
  requireToken(token: string | null): void;
  /** How many watches are open, and how many were opened. */
  readonly watches: number;
  readonly opened: number;
}

/** A certificate of `localhost` and its key; PEM. */
export interface ServerIdentity {
  readonly cert: string;
  readonly key: string;
}

/** Starts an API server, by TLS if it has something to show. */
export async function kubernetesServer(identity: ServerIdentity | null = null): Promise<KubernetesServer> {
  const server = new ApiServer(identity);
  await server.start();
  return server;
}

interface Change {
  readonly version: number;
  readonly service: string;
  readonly event: object;
}

class ApiServer implements KubernetesServer {
  readonly requests: URL[] = [];
  readonly #server: Server;
  readonly #origin: string;
  readonly #slices = new Map<string, Slice & { readonly version: number }>();
  readonly #watches = new Map<ServerResponse, string>();
  #changes: Change[] = [];
  #version = 100;
  opened = 0;
  #forgottenVersion = 0;
  #answer: ((response: ServerResponse) => void) | null = null;
  #token: string | null = null;
  #port = 0;

  constructor(identity: ServerIdentity | null) {
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      this.#serve(request, response);
    this.#server = identity === null ? createServer(serve) : createTlsServer(identity, serve);
    this.#origin = identity === null ? 'http://127.0.0.1' : 'https://localhost';
  }

  get url(): string {
    return `${this.#origin}:${this.#port}`;
  }

  get watches(): number {
    return this.#watches.size;
  }

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  apply(slice: Slice): void {
    const type = this.#slices.has(slice.name) ? 'MODIFIED' : 'ADDED';
    const versioned = { ...slice, version: ++this.#version };
    this.#slices.set(slice.name, versioned);
    this.#tell(slice.service, { type, object: objectOf(versioned) });
  }

  remove(name: string): void {
    const slice = this.#slices.get(name);
    if (slice === undefined) return;
    this.#slices.delete(name);
    this.#tell(slice.service, { type: 'DELETED', object: objectOf({ ...slice, version: ++this.#version }) });
  }

  bookmark(): void {
    const metadata = { resourceVersion: `${this.#version}`, creationTimestamp: null };
    const object = { kind: 'EndpointSlice', apiVersion: VERSION, metadata, addressType: '', endpoints: null };
    this.say(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  expire(): void {
    this.#forgottenVersion = ++this.#version;
    this.#changes = [];
    this.say(`${JSON.stringify({ type: 'ERROR', object: GONE })}\n`);
    this.endWatches();
  }

  endWatches(): void {
    for (const response of this.#watches.keys()) response.end();
  }

  async breakOff(text: string): Promise<void> {
    const broken = Array.from(this.#watches.keys(), async (response) => {
      const closed = once(response, 'close');
      response.write(text, () => response.destroy());
      await closed;
    });
    await Promise.all(broken);
  }

  say(text: string): void {
    for (const response of this.#watches.keys()) response.write(text);
  }

  answerWith(answer: ((response: ServerResponse) => void) | null): void {
    this.#answer = answer;
  }

  requireToken(token: string | null): void {
    this.#token = token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #tell(service: string, event: object): void {
    this.#changes.push({ version: this.#version, service, event });
    for (const [response, watched] of this.#watches)
      if (watched === service) response.write(`${JSON.stringify(event)}\n`);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    this.requests.push(url);
    if (this.#answer !== null) return this.#answer(response);
    if (this.#token !== null && request.headers.authorization !== `Bearer ${this.#token}`)
      return send(response, 401, statusOf(401, 'Unauthorized', 'Unauthorized'));
    if (url.pathname !== PATH)
      return send(response, 404, statusOf(404, 'NotFound', 'the server could not find it'));
    const [, service] =
      /^kubernetes\.io\/service-name=(.+)$/.exec(url.searchParams.get('labelSelector') ?? '') ?? [];
    if (service === undefined) return send(response, 400, statusOf(400, 'BadRequest', 'no selector'));
    if (url.searchParams.has('watch')) this.#watch(service, url.searchParams, response);
    else this.#list(service, url.searchParams, response);
  }

  /** A `continue` names the version of the first page and how far it went. */
  #list(service: string, query: URLSearchParams, response: ServerResponse): void {
    const [version = this.#version, from = 0] =
      (query.get('continue') || undefined)?.split(' ').map(Number) ?? [];
    if (version < this.#forgottenVersion) return send(response, 410, GONE);
    const all = [...this.#slices.values()].filter((slice) => slice.service === service);
    const limit = Number(query.get('limit') || all.length);
    const isLast = from + limit >= all.length;
    send(response, 200, {
      kind: 'EndpointSliceList',
      apiVersion: VERSION,
      metadata: { resourceVersion: `${version}`, continue: isLast ? '' : `${version} ${from + limit}` },
      items: all.slice(from, from + limit).map(objectOf),
    });
  }

  #watch(service: string, query: URLSearchParams, response: ServerResponse): void {
    const version = Number(query.get('resourceVersion'));
    if (version < this.#forgottenVersion) return send(response, 410, GONE);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    for (const change of this.#changes)
      if (change.version > version && change.service === service)
        response.write(`${JSON.stringify(change.event)}\n`);
    this.#watches.set(response, service);
    this.opened++;
    const timer = setTimeout(() => response.end(), Number(query.get('timeoutSeconds')) * 1000);
    response.once('close', () => {
      clearTimeout(timer);
      this.#watches.delete(response);
    });
  }
}

function objectOf({
  name,
  service,
  addressType = 'IPv4',
  ports,
  endpoints,
  version,
}: Slice & { version: number }): object {
  return {
    kind: 'EndpointSlice',
    apiVersion: VERSION,
    metadata: {
      name,
      namespace: 'prod',
      resourceVersion: `${version}`,
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType,
    ports: ports === undefined ? [{ name: 'http', port: 8080, protocol: 'TCP' }] : ports,
    endpoints,
  };
}

function statusOf(code: number, reason: string, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

const VERSION = 'discovery.k8s.io/v1';
const PATH = '/apis/discovery.k8s.io/v1/namespaces/prod/endpointslices';
const GONE = statusOf(410, 'Expired', 'too old resource version');
