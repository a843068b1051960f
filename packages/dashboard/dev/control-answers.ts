// What `/v1/…` answers.
import type { IncomingHttpHeaders } from 'node:http';
import { configSchema } from '@turnpike/config';
import { type JsonObject, type Kind, KINDS } from '../src/api/types.ts';
import type { openStore, Wish } from './store.ts';
import { endpoints, FILES, samples } from './world.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

export interface Told {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Store = ReturnType<typeof openStore>;

const HOUR_MS = 3_600_000;
const NOT_FOUND = problem(404, 'NOT_FOUND', 'There is nothing here');

export function problem(status: number, code: string, title: string, more: object = {}): Told {
  return { status, body: { type: 'about:blank', title, status, code, ...more } };
}

function ok(body: unknown, status = 200): Told {
  return { status, body };
}

const NO_DATABASE = problem(409, 'NO_DATABASE', 'There is no database to keep that in');
const listed = (items: readonly unknown[]): Told => ok({ items, next: null });
const segmentOf = (kind: Kind): string => kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Answers requests to the control plane. */
export function controlAnswers(store: Store, hasDatabase: boolean): (asked: Asked) => Told {
  const keys: JsonObject[] = [
    {
      id: 'tp_Ab3dE6gH',
      consumer: 'acme',
      label: 'shop backend',
      createdAt: Date.now() - 40 * 24 * HOUR_MS,
      createdBy: 'ada',
      expiresAt: Date.now() + 50 * 24 * HOUR_MS,
      revokedAt: null,
      lastUsedAt: Date.now() - 40_000,
    },
    {
      id: 'tp_Zz9yX8wV',
      consumer: 'acme',
      label: 'old laptop',
      createdAt: Date.now() - 300 * 24 * HOUR_MS,
      createdBy: 'ada',
      expiresAt: null,
      revokedAt: Date.now() - 9 * HOUR_MS,
      lastUsedAt: Date.now() - 30 * HOUR_MS,
    },
  ];
  const tokens: JsonObject[] = [
    {
      id: 'tpa_Qw3rTy12',
      name: 'terraform',
      role: 'editor',
      workspaces: {},
      createdAt: Date.now() - 9e9,
      createdBy: 'ada',
      expiresAt: null,
      lastUsedAt: Date.now() - 6e5,
    },
  ];
  const workspaces: JsonObject[] = [
    { name: 'default', description: 'Of those who name none.', hosts: [], paths: [] },
    { name: 'payments', description: 'The team that moves money', hosts: ['*.pay.example.com'], paths: [] },
  ];
  const rollouts: JsonObject[] = [
    {
      id: 2,
      revision: 4,
      base: 3,
      steps: [
        { kind: 'percent', percent: 10 },
        { kind: 'percent', percent: 50 },
      ],
      step: 1,
      stepMs: 300_000,
      state: 'running',
      reason: '',
      startedAt: Date.now() - 400_000,
      steppedAt: Date.now() - 90_000,
      startedBy: 'grace',
    },
    {
      id: 1,
      revision: 2,
      base: 1,
      steps: [{ kind: 'percent', percent: 25 }],
      step: 0,
      stepMs: 300_000,
      state: 'rolled-back',
      reason: 'errors of the selected are 4.1% against 0.2%',
      startedAt: Date.now() - 8_400_000,
      steppedAt: Date.now() - 8_300_000,
      startedBy: 'ada',
    },
  ];

  return (asked) => {
    const { path, method, query, body } = asked;
    if (path === '/v1/status') {
      const database = hasDatabase ? { revision: store.head().number, isReachable: true, problem: '' } : null;
      return ok({ control: { database, quarantined: [], shadowed: [] } });
    }
    const free = withoutDatabase(store, asked);
    if (free !== null) return free;
    if (!path.startsWith('/v1/')) return NOT_FOUND;
    const kind = KINDS.find((one) => path.split('/')[2] === segmentOf(one));
    if (kind !== undefined && !path.includes('/keys')) return objectAnswer(store, kind, asked, hasDatabase);
    if (!hasDatabase) return method === 'GET' ? listed([]) : NO_DATABASE;
    if (path === '/v1/apply') return changed(store, wishesIn(body), query, 'api');
    if (path.startsWith('/v1/revisions')) return revisionAnswer(store, asked);
    if (path.endsWith('/keys') && method === 'GET')
      return listed(keys.filter(({ consumer }) => consumer === path.split('/')[3]));
    if (path.includes('/keys')) return keyAnswer(keys, asked);
    if (path === '/v1/tokens' && method === 'GET') return listed(tokens);
    if (path === '/v1/tokens') {
      const made = {
        ...tokens[0],
        id: 'tpa_Nn1mMkK2',
        ...(body as JsonObject),
        createdAt: Date.now(),
        lastUsedAt: null,
      };
      tokens.push(made);
      return ok({ ...made, token: 'tpa_Nn1mMkK2_0123456789abcdefghijABCDEFGHIJ01xYz9Qq' }, 201);
    }
    if (path.startsWith('/v1/tokens/')) {
      tokens.splice(
        tokens.findIndex(({ id }) => id === path.split('/')[3]),
        1,
      );
      return { status: 204 };
    }
    if (path === '/v1/workspaces') return listed(workspaces);
    if (path.startsWith('/v1/workspaces/')) {
      workspaces.push({ ...(body as JsonObject), name: path.split('/')[3] ?? '' });
      return ok(body);
    }
    if (path === '/v1/fleet')
      return ok({ now: Date.now(), head: store.head().number, nodes: nodes(store.head().number) });
    if (path === '/v1/rollouts' && method === 'GET') return listed(rollouts);
    if (path === '/v1/rollouts') {
      const {
        put = {},
        steps = [],
        stepMs = 60_000,
      } = body as { put?: object; steps?: JsonObject[]; stepMs?: number };
      const told = changed(store, wishesIn(put), query, 'api');
      const { number } = store.head();
      if (told.status === 200 && query.get('dryRun') !== 'true')
        rollouts.unshift({
          ...rollouts[0],
          id: rollouts.length + 1,
          revision: number,
          base: number - 1,
          steps,
          step: 0,
          stepMs,
          state: 'running',
          startedBy: 'you',
        });
      return told;
    }
    if (path.startsWith('/v1/rollouts/')) {
      const [, , , id, action = ''] = path.split('/');
      const state = { pause: 'paused', resume: 'running', complete: 'completed', 'roll-back': 'rolled-back' }[
        action as 'pause'
      ];
      const at = rollouts.findIndex((one) => one['id'] === Number(id));
      rollouts[at] = { ...rollouts[at], state, reason: state === 'running' ? '' : 'by you' };
      return ok(rollouts[at]);
    }
    if (path === '/v1/audit')
      return listed(
        audit(store).filter(
          (one) =>
            (!query.get('author') || one['author'] === query.get('author')) &&
            (!query.get('action') || one['action'] === query.get('action')),
        ),
      );
    return NOT_FOUND;
  };
}

function withoutDatabase(store: Store, { path, body, method }: Asked): Told | null {
  const { state } = store.head();
  const merged = Object.fromEntries(
    KINDS.map((kind) => [kind, { ...state[kind], ...FILES[kind] }]),
  ) as typeof state;
  switch (path) {
    case '/v1/me':
      return ok({ name: 'loopback', via: 'loopback', role: 'admin', workspaces: {}, csrf: null });
    case '/v1/overview':
      return ok({ now: Date.now(), samples: samples(Date.now()) });
    case '/v1/schema':
      return ok(configSchema());
    case '/v1/effective':
      return ok(merged);
    case '/v1/topology':
      return ok(topology(merged));
    case '/v1/validate': {
      if (method !== 'POST') return NOT_FOUND;
      const issues = store.check(wishesIn(body));
      return ok({
        valid: issues.every(({ severity }) => severity !== 'error'),
        errors: issues.filter(({ severity }) => severity === 'error'),
        warnings: issues.filter(({ severity }) => severity !== 'error'),
      });
    }
    case '/v1/export':
      return ok(state);
    case '/v1/explain':
      return ok(explained(body as { readonly method: string; readonly url: string }));
    default:
      return null;
  }
}

function wishesIn(body: unknown): readonly Wish[] {
  const document = body as Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  return KINDS.flatMap((kind) =>
    Object.entries(document[kind] ?? {}).map(([name, one]) => ({ kind, name, document: one })),
  );
}

function objectAnswer(
  store: Store,
  kind: Kind,
  { path, method, query, body, headers }: Asked,
  hasDatabase: boolean,
): Told {
  const [, , , encoded, tail] = path.split('/');
  const own = hasDatabase ? store.head().state[kind] : {};
  const view = (name: string): JsonObject | null => {
    const file = FILES[kind][name];
    const document = file ?? own[name];
    if (document === undefined) return null;
    const written = store.revisionOf(kind, name);
    const isFile = file !== undefined;
    const isOut = name === 'catalog-canary';
    return {
      kind,
      name,
      document,
      workspace: 'default',
      owner: isFile ? 'files' : 'database',
      revision: isFile ? null : written.number,
      etag: isFile ? null : `"${written.number}"`,
      origin: isFile ? { file: '/etc/turnpike/gateway.yaml', line: 14 } : null,
      status: isOut
        ? { state: 'quarantined', reason: 'The service "search" has no endpoint.', usedRevision: 1 }
        : { state: 'active', reason: '', usedRevision: null },
      updatedAt: isFile ? null : written.at,
      updatedBy: isFile ? null : written.author,
    };
  };
  if (encoded === undefined) {
    const names = [...new Set([...Object.keys(own), ...Object.keys(FILES[kind])])].sort();
    return listed(names.filter((name) => name.includes(query.get('q') ?? '')).map(view));
  }
  const name = decodeURIComponent(encoded);
  if (tail === 'history') {
    const versions = store
      .revisions()
      .toReversed()
      .filter(
        ({ number, changes }) =>
          number === 1 || changes.some((one) => one.kind === kind && one.name === name),
      );
    return listed(
      versions.map(({ number, state, at, author }) => ({
        revision: number,
        workspace: 'default',
        document: state[kind][name] ?? null,
        updatedAt: at,
        updatedBy: author,
      })),
    );
  }
  const now = view(name);
  if (method === 'GET') return now === null ? NOT_FOUND : ok(now);
  if (!hasDatabase) return NO_DATABASE;
  if (now?.['owner'] === 'files')
    return problem(
      409,
      'OWNED_BY_FILES',
      'The configuration files have this name, so only they can change it',
    );
  const etag = now === null ? undefined : String(now['etag']);
  if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
    return problem(412, 'PRECONDITION_FAILED', 'It is not as you believe it to be');
  if (headers['if-none-match'] === '*' && now !== null)
    return problem(412, 'PRECONDITION_FAILED', 'It is not as you believe it to be');
  const document = method === 'DELETE' ? null : (body as JsonObject);
  return changed(store, [{ kind, name, document }], query, 'api');
}

function changed(store: Store, wishes: readonly Wish[], query: URLSearchParams, origin: string): Told {
  const outcome = store.change(wishes, {
    isDryRun: query.get('dryRun') === 'true',
    message: query.get('message') ?? '',
    origin,
  });
  if (outcome.kind === 'rejected')
    return problem(422, 'CONFIG_REJECTED', 'The configuration would have errors; nothing was changed', {
      errors: outcome.issues,
    });
  return ok(outcome.plan);
}

function revisionAnswer(store: Store, { path, query, method }: Asked): Told {
  const [, , , n, tail] = path.split('/');
  const summary = ({ changes, state: _state, ...rest }: ReturnType<Store['head']>): object => ({
    ...rest,
    address: '10.1.2.3',
    changeCount: changes.length,
  });
  if (n === undefined)
    return listed(
      store
        .revisions()
        .toReversed()
        .slice(0, Number(query.get('limit') ?? 100))
        .map(summary),
    );
  const found = store.find(Number(n));
  if (found === undefined) return NOT_FOUND;
  if (tail === undefined) return ok({ ...summary(found), changes: found.changes.map(store.viewOf) });
  if (tail === 'diff') {
    const other = store.find(Number(query.get('to')));
    if (other === undefined) return NOT_FOUND;
    return ok({
      from: found.number,
      to: other.number,
      changes: store.changes(found.state, store.between(found.state, other.state)).map(store.viewOf),
    });
  }
  if (tail === 'rollback' && method === 'POST')
    return changed(store, store.between(store.head().state, found.state), query, 'rollback');
  return NOT_FOUND;
}

function keyAnswer(keys: JsonObject[], { path, method, body }: Asked): Told {
  const [, , , consumer = '', , id, action] = path.split('/');
  const make = (label: string): Told => {
    const key = {
      id: `tp_New${String(keys.length).padStart(5, '0')}`,
      consumer,
      label,
      createdAt: Date.now(),
      createdBy: 'you',
      expiresAt: Date.now() + 90 * 24 * HOUR_MS,
      revokedAt: null,
      lastUsedAt: null,
    };
    keys.push(key);
    return ok({ ...key, key: `${key.id}_0123456789abcdefghijABCDEFGHIJ01aBc9Xz` }, 201);
  };
  if (id === undefined && method === 'POST') return make(String((body as JsonObject)['label'] ?? ''));
  const at = keys.findIndex((one) => one['id'] === id);
  if (at < 0) return NOT_FOUND;
  if (action === 'rotate') return make(String(keys[at]?.['label']));
  if (method === 'PATCH') keys[at] = { ...keys[at], ...(body as JsonObject) };
  if (method === 'DELETE') keys[at] = { ...keys[at], revokedAt: Date.now() };
  return ok(keys[at]);
}

function topology(documents: ReturnType<Store['head']>['state']): object {
  const all = endpoints(documents);
  return {
    listeners: [
      { name: 'web', address: '0.0.0.0:8080', tls: false },
      { name: 'secure', address: '0.0.0.0:8443', tls: true },
    ],
    services: Object.keys(documents.services).map((name) => ({
      name,
      balancer: 'adaptive',
      discovery: null,
      endpoints: all.filter(({ service }) => service === name),
    })),
    routes: Object.entries(documents.routes).map(([name, document]) => {
      const match = (document['match'] ?? {}) as JsonObject;
      const services =
        typeof document['service'] === 'string'
          ? [document['service']]
          : Object.keys((document['services'] ?? {}) as object);
      return {
        name,
        listeners: name === 'checkout' ? ['secure'] : [],
        hosts: match['hosts'] ?? [],
        methods: match['methods'] ?? [],
        path: match['path'] ?? '/*',
        target: services.length > 0 ? 'service' : 'respond',
        services,
        stages: [],
      };
    }),
  };
}

function nodes(revision: number): object[] {
  return ['gw-eu-1', 'gw-eu-2', 'gw-eu-3', 'gw-us-1'].map((name, index) => ({
    id: `n${index}`,
    name,
    zone: name.slice(3, 5),
    version: '0.1.0',
    revision: index === 2 ? revision - 1 : revision,
    startedAt: Date.now() - (index + 2) * 9 * HOUR_MS,
    heartbeatAt: Date.now() - (index === 3 ? 48_000 : 1200),
    heartbeatAgeMs: index === 3 ? 48_000 : 1200,
    quarantined: index === 2 ? ['routes.catalog-canary'] : [],
    load: {
      requests: 9200 - index * 1411,
      errors: index * 3,
      p50Ms: 6 + index,
      p99Ms: 48 + index * 7,
      inFlight: 41,
      cpu: 1.7 - index * 0.2,
    },
  }));
}

function audit(store: Store): JsonObject[] {
  const entry = (id: number, rest: JsonObject): JsonObject => ({
    id,
    address: '10.1.2.3',
    workspace: 'default',
    outcome: 'done',
    revision: null,
    detail: '',
    ...rest,
  });
  const own = store.revisions().map(({ number, at, author, changes, message }) =>
    entry(number, {
      at,
      author,
      action: 'object.put',
      target: changes.map(({ kind, name }) => `${kind}.${name}`).join(', ') || 'import',
      revision: number,
      detail: message,
    }),
  );
  return [
    ...own.toReversed(),
    entry(900, {
      at: Date.now() - 4 * HOUR_MS,
      author: 'terraform',
      action: 'key.create',
      target: 'consumers.acme',
      outcome: 'refused',
      detail: 'editor is needed',
    }),
    entry(899, {
      at: Date.now() - 5 * HOUR_MS,
      author: '',
      action: 'login.failed',
      target: '',
      outcome: 'failed',
      address: '203.0.113.9',
    }),
  ];
}

function explained({ method, url }: { readonly method: string; readonly url: string }): object {
  const { pathname, host, search } = new URL(url, 'http://localhost');
  const request = { method, host, path: pathname, query: search, listener: 'web' };
  const [, service = '', id] = pathname.split('/');
  const name = id === undefined ? service : `${service}-one`;
  const candidates = [
    {
      route: `${service}-one`,
      path: `/${service}/{id}`,
      host: '*',
      outcome: id === undefined ? 'rejected' : 'chosen',
      mismatches: id === undefined ? ['path'] : [],
    },
    {
      route: service,
      path: `/${service}`,
      host: '*',
      outcome: id === undefined ? 'chosen' : 'rejected',
      mismatches: id === undefined ? [] : ['path'],
    },
  ];
  if (!(service in { orders: 1, users: 1, catalog: 1, payments: 1, search: 1, media: 1 }))
    return {
      request,
      outcome: {
        kind: 'answered',
        status: 404,
        code: 'NO_ROUTE',
        reason: 'No route matches this request.',
        allow: '',
      },
      candidates: [],
    };
  return {
    request,
    outcome: {
      kind: 'routed',
      route: {
        id: name,
        path: id === undefined ? `/${service}` : `/${service}/{id}`,
        parameters: id === undefined ? {} : { id },
        origin: { file: 'database', line: 1 },
        stages: [
          { name: 'rescue', about: 'turns what breaks into an error reply' },
          { name: 'timeout', about: 'ends the exchange after 5s' },
          { name: 'limit-body', about: 'refuses request bodies above 10MiB (listener web)' },
          { name: 'forward', about: `to the service ${service}` },
        ],
        target: {
          kind: 'service',
          requestLine: `${method} ${pathname} HTTP/1.1`,
          host,
          attempts: [
            {
              name: 'retry',
              about: '2 attempts at most, after connect-failure, reset, if the method is idempotent',
            },
          ],
          service: {
            id: service,
            facts: [
              {
                name: 'balancer',
                about: 'adaptive: the endpoint with the least latency × requests in flight',
              },
              { name: 'panic', about: 'health is ignored while less than 50% of the weight is healthy' },
            ],
          },
        },
      },
    },
    candidates,
  };
}
