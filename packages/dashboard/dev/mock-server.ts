// A server for work on the dashboard: its files under the policy of the real one, and an admin API that behaves like it. Run:
// `node packages/dashboard/dev/mock-server.ts`, and `vite packages/dashboard` beside it for changes at once.
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { parse } from 'yaml';
import type { JsonObject } from '../src/api/types.ts';
import { gatewayAnswers, METRICS, trace } from './gateway-answers.ts';
import { openStore } from './store.ts';
import { type Asked, controlAnswers, problem, type Told } from './control-answers.ts';
import { endpoints, FILES, tailLine } from './world.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** How the mock is to be. */
export interface MockOptions {
  /** The folder of the dashboard. */
  readonly dist?: string;
  readonly port?: number;
  /** Without one, objects are read only, as in a gateway that has files and no more. */
  readonly hasDatabase?: boolean;
  /** Without one, there is nothing below `/v1`, as in gateways before there was any. */
  readonly hasControl?: boolean;
  /** Then nobody comes in without it. */
  readonly token?: string;
}

/** Starts it; tells where, and how to end it. */
export async function startMock({
  dist = join(import.meta.dirname, '../dist'),
  port = 0,
  hasDatabase = true,
  hasControl = true,
  token,
}: MockOptions = {}) {
  const store = openStore(Date.now());
  const control = controlAnswers(store, hasDatabase);
  const sessions = new Set<string>();
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock');
    const { pathname: path, searchParams: query } = url;
    if (path === '/' || /^\/(assets|icon)/.test(path)) return sendFile(response, dist, path);
    const body = await bodyOf(request);
    const asked: Asked = { method: request.method ?? 'GET', path, query, body, headers: request.headers };
    if (path === '/v1/session' && hasControl && token !== undefined) return session(asked, response);
    if (!hasControl && path.startsWith('/v1/'))
      return send(response, problem(404, 'NOT_FOUND', 'There is nothing here'));
    if (token !== undefined && !isKnown(request))
      return send(response, problem(401, 'UNAUTHORIZED', 'A valid token is needed'));
    if (path === '/requests/stream') return stream(response, query);
    if (path === '/metrics')
      return void response.writeHead(200, { 'Content-Type': 'text/plain' }).end(METRICS);
    if (path === '/endpoints') return send(response, { status: 200, body: endpoints(merged()) });
    const [, id] = /^\/requests\/(.+)\/trace$/.exec(path) ?? [];
    if (id !== undefined)
      return send(
        response,
        /[0-7]$/.test(id)
          ? { status: 200, body: trace(id) }
          : problem(404, 'NOT_FOUND', 'There is nothing here'),
      );
    if (asked.method === 'POST' && /^\/(cache\/purge|registry|reload|threads)/.test(path))
      return send(response, { status: 200, body: { memories: ['*'] } });
    if (asked.method === 'DELETE' && path.startsWith('/limits/')) return send(response, { status: 204 });
    if (asked.method === 'PUT' && path === '/log-level')
      return send(response, { status: 200, body: body ?? null });
    if (path.startsWith('/alerts/silences')) return send(response, silence(asked));
    if (path === '/alerts') return send(response, { status: 200, body: heard() });
    const plain = gatewayAnswers(Date.now(), store.head().number)[path];
    send(response, plain === undefined ? control(asked) : { status: 200, body: plain });
  }

  /** Alerts that somebody has silenced here, and those whose silence was ended. */
  const silenced = new Map<string, JsonObject | null>();
  const alerts = () => gatewayAnswers(Date.now(), 0)['/alerts'] as readonly JsonObject[];
  const heard = () =>
    alerts().map((one) => {
      const own = silenced.get(String(one['alert']));
      if (own === undefined) return one;
      return { ...one, state: own === null ? 'firing' : 'silenced', silence: own };
    });

  function silence({ method, path, body }: Asked): Told {
    if (method === 'POST') {
      const { alert, reason } = body as { readonly alert: string; readonly reason: string };
      const made = {
        id: alert,
        alert,
        reason,
        author: 'you',
        until: new Date(Date.now() + 3_600_000).toISOString(),
      };
      silenced.set(alert, made);
      return { status: 201, body: made };
    }
    const id = decodeURIComponent(path.slice('/alerts/silences/'.length));
    silenced.set(id === 'first' ? 'media is away' : id, null);
    return { status: 204 };
  }

  const merged = () => ({
    ...store.head().state,
    services: { ...store.head().state.services, ...FILES.services },
  });

  function isKnown({ headers }: IncomingMessage): boolean {
    const [, cookie = ''] = /session=(\w+)/.exec(headers.cookie ?? '') ?? [];
    return sessions.has(cookie) || headers.authorization === `Bearer ${token}`;
  }

  function session({ method, body }: Asked, response: ServerResponse): void {
    if (method === 'DELETE') {
      sessions.clear();
      return send(response, { status: 204 });
    }
    if ((body as { token?: unknown } | null)?.token !== token)
      return send(response, problem(401, 'UNAUTHORIZED', 'A valid token is needed'));
    const id = `s${sessions.size + 1}`;
    sessions.add(id);
    response.setHeader('Set-Cookie', `session=${id}; HttpOnly; SameSite=Strict; Path=/`);
    return send(response, { status: 200, body: {} });
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { origin, store, close };
}

function send(response: ServerResponse, { status, body, headers = {} }: Told): void {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, {
    ...(body !== undefined && { 'Content-Type': type }),
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function sendFile(response: ServerResponse, dist: string, path: string): void {
  const file = join(dist, path === '/' ? 'index.html' : normalize(path));
  if (!file.startsWith(dist) || !existsSync(file)) return void response.writeHead(404).end();
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'text/html; charset=utf-8',
    'Content-Security-Policy': POLICY,
  });
  response.end(readFileSync(file));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  try {
    if (text === '') return undefined;
    return request.headers['content-type'] === 'application/yaml' ? parse(text) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

let number = 0;

function stream(response: ServerResponse, query: URLSearchParams): void {
  if ((query.get('filter') ?? '').includes('??'))
    return send(
      response,
      problem(422, 'TAP_REJECTED', 'That cannot be watched', {
        detail: 'the filter is no expression: unexpected "?"',
      }),
    );
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
  const [route, status] = [query.get('route'), query.get('status')];
  const write = (): void => {
    number += 1;
    const line = tailLine(number);
    const fits =
      (route === null || line['route'] === route) &&
      (status === null || String(line['status'])[0] === status[0]);
    if (fits) response.write(`${JSON.stringify(line)}\n`);
  };
  for (let first = 0; first < 30; first += 1) write();
  const timer = setInterval(write, 400);
  response.on('close', () => clearInterval(timer));
}

if (process.argv[1] === import.meta.filename) {
  const { origin } = await startMock({
    port: Number(process.env['PORT'] ?? 4180),
    hasDatabase: process.env['DATABASE'] !== 'none',
    ...(process.env['TOKEN'] && { token: process.env['TOKEN'] }),
  });
  console.log(`The mock is at ${origin}`);
}
