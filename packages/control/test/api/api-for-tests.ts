import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminApi } from '../../src/api/admin-api.ts';
import type { ApiPorts, SessionPort } from '../../src/api/ports.ts';
import { openStore } from '../../src/db/open-store.ts';
import type { Caller, Role } from '../../src/domain/callers.ts';
import type { Log } from '../../src/domain/ports.ts';
import { systemClock } from '../../src/domain/ports.ts';
import { type Store, StoreUnavailable } from '../../src/domain/store.ts';
import { rulesOver } from './rules-for-tests.ts';

/** A file that owns a little of everything. */
export const FILES = `
listeners: { web: { address: '127.0.0.1:8080' } }
services: { pinned: { endpoints: ['http://10.0.0.1:80'] } }
routes: { pinned: { match: { path: '/pinned' }, service: pinned } }
consumers: { staff: { keys: [{ key: 'a-secret-of-a-file-0123456789', expires: 2099-01-01 }] } }
`;

export interface TestApi {
  readonly url: string;
  readonly store: Store;
  readonly ports: ApiPorts;
  /** What the program's log has of warnings and errors. */
  readonly complaints: {
    readonly level: string;
    readonly message: string;
    readonly fields: object | undefined;
  }[];
  /** From now on the database cannot be reached, or can be again. */
  cutOff(isCut: boolean): void;
  ask(method: string, path: string, options?: Asking): Promise<Answered>;
  [Symbol.asyncDispose](): Promise<void>;
}

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
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
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
  const real = openStore({
    url: `sqlite:${join(directory, 'turnpike.db')}`,
    timeoutMs: 5_000,
    pollMs: 60_000,
    clock: systemClock,
    log,
    random: () => 0.5,
  });
  const cut = { isCut: false };
  const store = cuttable(real, cut);
  const all: ApiPorts = {
    store,
    gateway: gatewayForTests,
    sessions: sessionsForTests,
    rules: await rulesOver(files),
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    store: real,
    ports: all,
    complaints,
    cutOff: (isCut) => (cut.isCut = isCut),
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

/** The same store, but everything in it rejects as long as it is cut off. */
function cuttable<T extends object>(part: T, cut: { isCut: boolean }): T {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value === 'object' && value !== null) return cuttable(value, cut);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) =>
        cut.isCut ? Promise.reject(new StoreUnavailable('cut off')) : Reflect.apply(value, target, given);
    },
  });
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
  login: async ({ url }) =>
    url?.includes('off') === true
      ? { kind: 'off' }
      : { kind: 'redirect', location: 'https://idp.example/', cookies: ['l=1'] },
  callback: async ({ url }) =>
    url?.includes('state=ours') === true
      ? { kind: 'redirect', location: '/', cookies: ['s=1'] }
      : { kind: 'refused', detail: 'this login was not begun here' },
};
