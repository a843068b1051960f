import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { AdminConfig } from '@turnpike/config';
import type { Log } from '../core/ports.ts';
import type { AdminPorts } from './admin-ports.ts';
import { adminRoutes } from './admin-routes.ts';
import { admission, type Admission } from './admission.ts';
import { adminProblem, send, type Answer } from './answer.ts';
import { readBody } from './request-body.ts';
import { findRoute, type AdminRoute } from './router.ts';
import { sendStream, type StreamAnswer } from './stream-answer.ts';

/** The admin API over HTTP/1.1. On `node:http`, because here a request costs what it likes. */
export class AdminServer {
  readonly #server: Server;
  readonly #routes: readonly AdminRoute[];
  readonly #log: Log;
  readonly #host: string;
  #admission: Admission;

  private constructor({ address, tokens }: AdminConfig, ports: AdminPorts, log: Log) {
    this.#routes = adminRoutes(ports);
    this.#log = log;
    this.#host = address.host;
    this.#admission = admission(tokens, address.host);
    this.#server = createServer(LIMITS, (request, response) => {
      this.#serve(request, response).catch((error: unknown) =>
        log.debug('an admin request failed', { error }),
      );
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.setTimeout(SILENCE_MS);
    this.#server.on('clientError', (error, socket: Socket) => refuseMalformed(error, socket));
  }

  /** Opens the listener; rejects with what the operating system says. */
  static open(config: AdminConfig, ports: AdminPorts, log: Log): Promise<AdminServer> {
    const admin = new AdminServer(config, ports, log);
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

  /** The port that it really has. */
  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** From now on these are the tokens. */
  useTokens(tokens: AdminConfig['tokens']): void {
    this.#admission = admission(tokens, this.#host);
  }

  /** Ends it, with whatever is open. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(request);
      if ('begin' in answer) sendStream(response, answer);
      else send(response, answer);
    } catch (error) {
      if (request.destroyed) throw error; // the client went away: there is nobody to answer
      this.#log.error('an admin request failed', { error, path: request.url?.split('?')[0] });
      send(response, adminProblem('INTERNAL'));
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer | StreamAnswer> {
    const method = request.method ?? '';
    const url = URL.parse(request.url ?? '', 'http://admin');
    if (url === null || !request.url?.startsWith('/')) return adminProblem('BAD_REQUEST');
    const routed = findRoute(this.#routes, method, url);
    if (routed.kind === 'refused') return routed.answer;
    const { route, parameters } = routed;
    const refusal = this.#admission(request, route);
    if (refusal !== null) return { ...refusal, headers: { ...refusal.headers, Connection: 'close' } };
    const body = await readBody(request, route.body);
    if (body.kind === 'too-large') return adminProblem('BODY_TOO_LARGE', {}, { Connection: 'close' });
    if (body.kind !== 'read') return adminProblem('BODY_MALFORMED');
    const parameter = (name: string) => parameters.get(name) ?? '';
    const { accept = '' } = request.headers;
    return route.handle({ method, url, accept, parameter, body: body.value });
  }
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
