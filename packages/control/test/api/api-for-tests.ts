import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminApi } from '../../src/api/admin-api.ts';
import type { ApiPorts, RulesPort, SessionPort } from '../../src/api/ports.ts';
import { openStore } from '../../src/db/open-store.ts';
import type { Caller, Role } from '../../src/domain/callers.ts';
import type { LoginStep } from '../../src/domain/entrance.ts';
import type { Log } from '../../src/domain/ports.ts';
import { systemClock } from '../../src/domain/ports.ts';
import { CheckUnavailable } from '../../src/domain/plan.ts';
import { NoDatabase, type Store, StoreUnavailable } from '../../src/domain/store.ts';
import { testAuthority } from '../../../testkit/src/test-authority.ts';
import { steered } from './rules-for-tests.ts';

const authority = testAuthority();
const pairs = new Map<string, { readonly certificate: string; readonly key: string }>();

/** A certificate for a host with its key: the same for the same host. */
export function pairFor(host: string): { readonly certificate: string; readonly key: string } {
  const { cert: certificate, key } = authority.issue({ names: [host] });
  const pair = pairs.get(host) ?? { certificate, key };
  pairs.set(host, pair);
  return pair;
}

/** A file that owns a little of everything. */
export const FILES = `
stores: { database: { url: 'sqlite:./turnpike.db', files: [/specs] } }
listeners: { web: { address: '127.0.0.1:8080' }, secure: { address: '127.0.0.1:8443', tls: {} } }
certificates: { pinned: ${JSON.stringify(pairFor('pinned.test'))} }
services: { pinned: { endpoints: ['http://10.0.0.1:80'] } }
routes: { pinned: { match: { path: '/pinned' }, service: pinned } }
apis: { pinned: { openapi: /specs/billing.yaml, service: pinned, basePath: /pinned-api } }
identityProviders: { pinned: { issuer: 'https://pinned.example', audiences: [gateway] } }
lists: { pinned: { addresses: ['192.0.2.0/24'] } }
consumers: { pinned: { keys: [{ key: 'a-secret-of-a-file-0123456789', expires: 2099-01-01 }] } }
`;

export interface TestApi {
  readonly url: string;
  /** The file of the database. */
  readonly file: string;
  readonly store: Store;
  readonly ports: ApiPorts;
  /** What the program's log has of warnings and errors. */
  readonly complaints: {
    readonly level: string;
    readonly message: string;
    readonly fields: object | undefined;
  }[];
  /** How the database does from now on. */
  database(state: DatabaseState): void;
  ask(method: string, path: string, options?: Asking): Promise<Answered>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * `absent`: the configuration has none; `away`: it cannot be reached; `broken`: it has a fault; `stale`: somebody else is always faster; `unfit`: nothing fits; `busy`: nothing can be checked;
 * `hidden`: nobody knows what of the configuration is secret.
 */
export type DatabaseState = 'well' | 'absent' | 'away' | 'broken' | 'stale' | 'unfit' | 'busy' | 'hidden';

export interface Asking {
  /** Who asks, as `callerOf` reads it; `admin` without it, nobody for ''. */
  readonly as?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What the body says as JSON; null: it is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they know is there
  readonly json: any;
}

/** `editor`, `viewer@team`, `admin@team,viewer@default`: roles, each in a workspace or everywhere. */
export function callerOf(text: string): Caller | null {
  if (text === '') return null;
  const held = text.split(',').map((one) => one.split('@') as [Role, string?]);
  const [everywhere] = held.find(([, workspace]) => workspace === undefined) ?? [null];
  const within = held.flatMap(([role, workspace]): [string, Role][] =>
    workspace === undefined || (role as string) === 'none' ? [] : [[workspace, role]],
  );
  const role = (everywhere as string | null) === 'none' ? null : everywhere;
  return { name: text, via: 'token', role, workspaces: new Map(within) };
}

/** The admin API over a real database, behind a server of `node:http` that says who calls by a header. */
export async function openApi({
  files = FILES,
  ports = {},
}: { readonly files?: string; readonly ports?: Partial<ApiPorts> } = {}): Promise<TestApi> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-api-'));
  const complaints: TestApi['complaints'] = [];
  const log = collectingLog(complaints);
  const file = join(directory, 'turnpike.db');
  const real = openStore({
    url: `sqlite:${file}`,
    timeoutMs: 5_000,
    pollMs: 60_000,
    clock: systemClock,
    log,
    random: () => 0.5,
  });
  const health: Health = { state: 'well' };
  const { rules, store: steady } = await steered(files, real);
  const store = ailing(steady, health);
  const all: ApiPorts = {
    store,
    gateway: gatewayForTests,
    sessions: sessionsForTests,
    rules: ailingRules(rules, health),
    insight: {
      explain: async ({ url }) => (URL.canParse(url) ? { route: 'pinned' } : null),
      topology: async () => ({ listeners: [], routes: [], services: [] }),
      status: () => ({ revision: 0 }),
    },
    log,
    clock: systemClock,
    secretBytes: randomBytes,
    version: '0.1.0',
    dashboard: null,
    writes: { perSecond: 1e6, burst: 1e6 },
    ...ports,
  };
  const api = await adminApi(all);
  const server = createServer((request, response) => {
    const as = request.headers['x-test-caller'];
    const caller = callerOf(typeof as === 'string' ? as : '');
    const isSession = request.headers['x-test-session'] !== undefined;
    api.handle(request, response, caller !== null && isSession ? { ...caller, via: 'session' } : caller);
  });
  server.keepAliveTimeout = 0; // a busy machine must not find a connection closed
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    file,
    store: steady,
    ports: all,
    complaints,
    database: (state) => (health.state = state),
    ask: (method, path, options) => ask(url + path, method, options),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await api.close();
      await real.close();
      rmSync(directory, { recursive: true });
    },
  };
}

async function ask(
  url: string,
  method: string,
  { as = 'admin', body, headers = {} }: Asking = {},
): Promise<Answered> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(as !== '' && { 'x-test-caller': as }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isRaw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: jsonOf(text) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function collectingLog(complaints: TestApi['complaints']): Log {
  const keep = (level: string) => (message: string, fields?: object) =>
    void complaints.push({ level, message, fields });
  return { debug: () => {}, info: () => {}, warn: keep('warn'), error: keep('error') };
}

interface Health {
  state: DatabaseState;
}

const WRITES = new Set(['commit', 'create', 'update', 'put', 'remove', 'start', 'advance']);

/** The same store, as it does when the database is not well. */
function ailing<T extends object>(part: T, health: Health): T {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value === 'object' && value !== null) return ailing(value, health);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        if (health.state === 'absent' && WRITES.has(String(name))) return Promise.reject(new NoDatabase());
        if (health.state === 'away') return Promise.reject(new StoreUnavailable('cut off'));
        if (health.state === 'broken')
          return Promise.reject(new Error('a fault with a-secret-of-a-fault in it'));
        if (health.state === 'stale' && name === 'commit') return Promise.resolve({ kind: 'stale' });
        return Reflect.apply(value, target, given) as unknown;
      };
    },
  });
}

function ailingRules(rules: RulesPort, health: Health): RulesPort {
  const issue = { code: 'CONFLICT', message: 'no', file: '', line: 1, column: 1, pointer: '' } as const;
  return {
    ...rules,
    async judge(now, wishes, options) {
      if (health.state === 'busy') throw new CheckUnavailable('too many changes wait to be checked');
      if (health.state === 'unfit') return { kind: 'rejected', issues: [{ ...issue, severity: 'error' }] };
      return rules.judge(now, wishes, options);
    },
    effective: async () => (health.state === 'hidden' ? null : rules.effective()),
  };
}

const load = { requests: 10, errors: 0, p50Ms: 1.5, p99Ms: 9, inFlight: 2, cpu: 0.25 };

/** As much of a gateway as the API looks at. */
const gatewayForTests = {
  operations: [
    {
      method: 'GET',
      path: '/services/{service}/openapi',
      role: 'viewer',
      summary: 'Methods of a service',
      tag: 'services',
      query: {},
      takesBody: false,
    },
  ],
  load: () => load,
  history: () => [
    {
      ...load,
      at: 1_700_000_000_000,
      routes: [{ name: 'a', requests: 1, errors: 0, p50Ms: 1, p99Ms: 2 }],
      services: [],
    },
  ],
} as unknown as ApiPorts['gateway'];

/** Lets in who has the token `good`; the CSRF token is always `csrf`. */
const sessionsForTests: SessionPort = {
  csrf: ({ headers }) => (headers['x-test-session'] === undefined ? null : 'csrf'),
  mayChange: ({ headers }) => headers['x-csrf-token'] === 'csrf',
  async enter(_request, token) {
    if (token === 'blocked') return { kind: 'blocked', retryAfterSeconds: 7 };
    const caller = token === 'good' ? callerOf('viewer') : null;
    return caller === null
      ? { kind: 'refused' }
      : { kind: 'entered', cookies: ['s=1', 't=2'], caller, csrf: 'csrf' };
  },
  leave: async () => ['s=; Max-Age=0'],
  login: async ({ url }) => stepOf(url ?? '', 'https://idp.example/'),
  callback: async ({ url }) => stepOf(url ?? '', '/'),
};

/** What the query asks for. */
function stepOf(url: string, location: string): LoginStep {
  if (url.includes('=off')) return { kind: 'off' };
  if (url.includes('=blocked')) return { kind: 'blocked', retryAfterSeconds: 7 };
  if (url.includes('=refused')) return { kind: 'refused', detail: 'this login was not begun here' };
  return { kind: 'redirect', location, cookies: ['l=1'] };
}
