import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { supervise, type SuperviseOptions, type Supervisor } from '../../src/main.ts';
import { hearLog, type HeardLog } from '../../src/threads/threads-testing.ts';

/** Who asks without a pause keeps the gateway from what it is asked for. */
const LOOK_AGAIN_MS = 5;

/** The sections that a test does not write itself. */
const SECTIONS: Readonly<Record<string, unknown>> = {
  listeners: { web: { address: '127.0.0.1:0' } },
  admin: { address: '127.0.0.1:0' },
  telemetry: { accessLog: 'off' },
  runtime: { threads: 2, drainTimeout: '5s' },
};

/** A configuration, as JSON, in which `GET /ping` is answered with `body`. */
export function saying(body: string, sections: object = {}): string {
  const routes = { ping: { match: { path: '/ping' }, respond: { status: 200, body } } };
  return JSON.stringify({ ...SECTIONS, routes, ...sections });
}

/** A directory with a configuration in it, and the gateways that run on it. */
export interface Site {
  readonly directory: string;
  readonly file: string;
  readonly log: HeardLog;
  /** Replaces the configuration as careful programs do. */
  readonly write: (text: string) => Promise<void>;
  readonly start: (options?: Partial<SuperviseOptions>) => Promise<Supervisor>;
}

/** Makes a site for one test, and takes everything away afterwards. */
export async function onSite(first: string, use: (site: Site) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-site-'));
  const file = join(directory, 'gateway.json');
  const log = hearLog();
  const running: Supervisor[] = [];
  const site: Site = {
    directory,
    file,
    log,
    write: async (text) => {
      await writeFile(`${file}.tmp`, text);
      await rename(`${file}.tmp`, file);
    },
    start: async (options = {}) => {
      const gateway = await supervise({
        paths: [file],
        log,
        version: '0.0.0-test',
        preStopMs: 0,
        ...options,
      });
      running.push(gateway);
      return gateway;
    },
  };
  try {
    await site.write(first);
    await use(site);
  } finally {
    await Promise.all(running.map((gateway) => gateway.stop('SIGTERM')));
    await rm(directory, { recursive: true });
  }
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Sends a request on a connection of its own. */
export async function ask(
  port: number | null | undefined,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { body: sent = '', ...rest } = options;
  const outgoing = request({ port, path, host: '127.0.0.1', agent: false, ...rest });
  outgoing.end(sent);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** What `GET /ping` says. */
export async function ping(gateway: Supervisor): Promise<string> {
  return (await ask(gateway.ports.get('web'), '/ping')).body;
}

/** The JSON of the admin API at a path. */
export async function adminJson(gateway: Supervisor, path: string): Promise<Record<string, never>> {
  return JSON.parse((await ask(gateway.adminPort, path)).body);
}

/** How many requests to `/ping` were counted. */
export async function counted(gateway: Supervisor): Promise<number> {
  const { body } = await ask(gateway.adminPort, '/metrics');
  const [, count] = /^turnpike_requests_total\{route="ping",service="",code="2xx"\} (\d+)$/m.exec(body) ?? [];
  return Number(count ?? 0);
}

/** Asks again until a claim holds; the time limit is that of the test. */
export async function until(claim: () => Promise<boolean>): Promise<void> {
  while (!(await claim())) await delay(LOOK_AGAIN_MS);
}

/** A service that answers when it is told to. */
export interface SlowService {
  readonly url: string;
  /** Resolves with the answer to give, once a request is there. */
  readonly arrival: () => Promise<ServerResponse>;
}

/** Runs a service for one test. */
export async function withSlowService(use: (service: SlowService) => Promise<void>): Promise<void> {
  const waiting: ServerResponse[] = [];
  const server = createServer((_, response) => {
    waiting.push(response);
    server.emit('waiting');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const arrival = async (): Promise<ServerResponse> => {
    for (;;) {
      const response = waiting.shift();
      if (response !== undefined) return response;
      await once(server, 'waiting');
    }
  };
  try {
    await use({ url: `http://127.0.0.1:${port}`, arrival });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
