import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { AdminConfig } from '@turnpike/config';
import { systemClock, type Log } from '../core/ports.ts';
import type { AdminPorts } from './admin-ports.ts';
import { adminRoutes } from './admin-routes.ts';
import { adminTlsOptions } from './admin-tls.ts';
import { Admission, type Credentials } from './admission.ts';
import { adminProblem, send, type Answer } from './answer.ts';
import { shareConnections } from './connection-share.ts';
import { readBody } from './request-body.ts';
import type { AdminCaller } from './callers.ts';
import type { FailureGate } from './failure-gate.ts';
import { RequestCounts } from './request-counts.ts';
import { findRoute, type AdminRoute, type Parameters } from './router.ts';
import type { Steering } from './steering.ts';
import { sendStream, type StreamAnswer } from './stream-answer.ts';

/** The admin API over HTTP/1.1. On `node:http`, because here a request costs what it likes. */
export class AdminServer {
  readonly #server: Server;
  readonly #routes: readonly AdminRoute[];
  readonly #log: Log;
  readonly #steering: Steering | null;
  readonly #admission: Admission;

  private constructor(config: AdminConfig, { ports, log, steering }: AdminParts, tls: TlsOptions | null) {
    this.#routes = adminRoutes(ports);
    this.#log = log;
    this.#steering = steering;
    this.#admission = new Admission(config, { steering, clock: systemClock });
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      this.#serve(request, response).catch((error: unknown) =>
        log.debug('an admin request failed', { error }),
      );
    };
    this.#server = tls === null ? createServer(LIMITS, serve) : createTlsServer({ ...LIMITS, ...tls }, serve);
    this.#server.maxConnections = MAX_CONNECTIONS;
    shareConnections(this.#server, MAX_CONNECTIONS / 2);
    this.#server.setTimeout(SILENCE_MS);
    this.#server.on('clientError', (error, socket: Socket) => refuseMalformed(error, socket));
  }

  /** Opens the listener; rejects with what the operating system says. */
  static async open(config: AdminConfig, parts: AdminParts): Promise<AdminServer> {
    const { log } = parts;
    const admin = new AdminServer(config, parts, await tlsOptionsOf(config));
    return new Promise((resolve, reject) => {
      const server = admin.#server;
      server.once('error', reject);
      const { port, host } = config.address;
      server.listen(host === '' ? { port } : { port, host }, () => {
        server.off('error', reject);
        server.on('error', (error) => log.error('the admin API failed', { error }));
        resolve(admin);
      });
    });
  }

  /** What it has answered. */
  readonly requests = new RequestCounts();

  /** The port that it really has. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** From now on these are the credentials. */
  useCredentials(credentials: Credentials): void {
    this.#admission.use(credentials);
  }

  /** From now on it shows this certificate to new connections. Whether it speaks TLS at all is decided at its start. */
  async useTls(config: AdminConfig): Promise<void> {
    const options = await tlsOptionsOf(config);
    if (options !== null && this.#server instanceof TlsServer) this.#server.setSecureContext(options);
  }

  /** Whose token that is, of those in the configuration. */
  callerOf(token: string): AdminCaller | null {
    return this.#admission.callerOf(token);
  }

  /** Who guesses credentials. */
  get failures(): FailureGate {
    return this.#admission.failures;
  }

  /** Ends it, with whatever is open. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    response.once('close', () => this.requests.add(method, url, response.statusCode));
    try {
      const answer = await this.#answer(request, response);
      if (answer === null) return;
      if ('begin' in answer) sendStream(response, answer);
      else send(response, answer);
    } catch (error) {
      if (request.destroyed) throw error; // the client went away: there is nobody to answer
      this.#log.error('an admin request failed', { error, path: request.url?.split('?')[0] });
      send(response, adminProblem('INTERNAL'));
    }
  }

  /** null: the control plane answers. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | StreamAnswer | null> {
    const method = request.method ?? '';
    const url = URL.parse(request.url ?? '', 'http://admin');
    if (url === null || !request.url?.startsWith('/')) return adminProblem('BAD_REQUEST');
    const routed = findRoute(this.#routes, method, url);
    if (routed.kind === 'refused')
      return routed.isElsewhere ? this.#handOver(request, response, routed.answer) : routed.answer;
    const { route, parameters } = routed;
    if (route.role === 'anyone') {
      const refusal = this.#admission.greet(request);
      return refusal === null ? this.#use(request, { route, parameters, url, caller: '' }) : closed(refusal);
    }
    const entry = await this.#admission.enter(request);
    if (entry.kind === 'refused') return closed(entry.answer);
    const { caller } = entry;
    const refusal = this.#admission.guard(caller, request) ?? this.#admission.allow(caller, route.role);
    if (refusal !== null) return closed(refusal);
    const answer = await this.#use(request, { route, parameters, url, caller: caller?.name ?? '' });
    this.#tell(request, entry.caller, answer.status);
    return answer;
  }

  /** What no operation of ours takes. */
  async #handOver(
    request: IncomingMessage,
    response: ServerResponse,
    otherwise: Answer,
  ): Promise<Answer | null> {
    if (this.#steering === null) return otherwise;
    const entry = await this.#admission.enter(request);
    if (entry.kind === 'refused') return closed(entry.answer);
    this.#steering.handle(request, response, entry.caller);
    return null;
  }

  async #use(
    request: IncomingMessage,
    { route, parameters, url, caller }: Wanted,
  ): Promise<Answer | StreamAnswer> {
    const body = await readBody(request, route.body);
    if (body.kind === 'too-large') return adminProblem('BODY_TOO_LARGE', {}, { Connection: 'close' });
    if (body.kind !== 'read') return adminProblem('BODY_MALFORMED');
    const parameter = (name: string) => parameters.get(name) ?? '';
    const { accept = '' } = request.headers;
    return route.handle({ method: request.method ?? '', url, accept, parameter, caller, body: body.value });
  }

  /** Changes go into the audit log, but for those of machines: heartbeats of instances come every few seconds. */
  #tell(
    { method = '', url = '', socket }: IncomingMessage,
    caller: AdminCaller | null,
    status: number,
  ): void {
    if (caller === null || method === 'GET' || method === 'HEAD' || url.startsWith('/registry/')) return;
    const [target = ''] = url.split('?');
    const address = socket.remoteAddress ?? '';
    this.#steering?.changed({ caller, address, action: `${method} ${target}`, target, status });
  }
}

/** What the admin API is made of. */
export interface AdminParts {
  readonly ports: AdminPorts;
  readonly log: Log;
  /** Null: nobody steers from beyond this process. */
  readonly steering: Steering | null;
}

interface Wanted {
  readonly route: AdminRoute;
  readonly parameters: Parameters;
  readonly url: URL;
  readonly caller: string;
}

/** null: plain HTTP. */
async function tlsOptionsOf({ tls }: AdminConfig): Promise<TlsOptions | null> {
  if (tls === null) return null;
  const clients = tls.clientCertificates;
  return {
    ...(await adminTlsOptions(tls)),
    requestCert: clients !== null,
    rejectUnauthorized: clients?.required === true,
  };
}

/** Who may not get in has no further business on this connection. */
function closed(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, Connection: 'close' } };
}

function refuseMalformed(error: Error, socket: Socket): void {
  const isTooLarge = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW';
  const status = isTooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request';
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const MAX_CONNECTIONS = 256;
/** Longer than a reload may take: the answer comes when all threads have applied it. */
const SILENCE_MS = 60_000;
