// What the gateway's own operations answer: `/services`, `/cache`, … as packages/gateway/src/admin has them.
import type { JsonObject } from '../src/api/types.ts';

/** Plain answers by path. */
export function gatewayAnswers(now: number, revision: number): Readonly<Record<string, unknown>> {
  const iso = (agoSeconds: number): string => new Date(now - agoSeconds * 1000).toISOString();
  return {
    '/services': [
      { service: 'orders', concurrency: 'adaptive', limit: 240, inflight: 61, waiting: 0 },
      { service: 'search', concurrency: 'fixed', limit: 64, inflight: 64, waiting: 12 },
      { service: 'payments', breaker: { state: 'half-open', openForMs: 0, refused: 118, history: [] } },
    ],
    '/alerts': [
      {
        alert: 'checkout fails',
        state: 'firing',
        severity: 'page',
        value: 18.2,
        text: '18.2 times as many errors as the objective allows, over 1h and 5m',
        firingSince: iso(1140),
      },
      {
        alert: 'orders are slow',
        state: 'pending',
        severity: null,
        value: 1.1,
        text: 'p99 above 300 ms for 2m of 5m',
        firingSince: null,
      },
      { alert: 'too much to do', state: 'quiet', severity: null, value: 0, text: '', firingSince: null },
      {
        alert: 'media is away',
        state: 'silenced',
        severity: 'ticket',
        value: 1,
        text: 'no endpoint of media answers',
        firingSince: iso(7400),
        silence: {
          id: 'first',
          alert: 'media is away',
          reason: 'Its disks are exchanged.',
          author: 'grace',
          from: iso(7200),
          until: iso(-7200),
        },
      },
    ],
    '/discovery': [
      discovered('orders', 'kubernetes', 'orders.shop:http', 4),
      {
        ...discovered('search', 'consul', 'http://consul:8500', 6),
        problem: 'connect ECONNREFUSED 10.0.9.1:8500',
        ageSeconds: 412,
        from: 'disk',
      },
      {
        ...discovered('media', 'dns', 'media.internal', 2),
        pending: { endpoints: 0, reason: 'it lost most of the endpoints', seconds: 41 },
      },
    ],
    '/registry': [
      {
        service: 'inventory',
        id: 'inventory-7f9c',
        endpoint: { url: 'http://10.0.9.31:8080', isDraining: false, zone: 'eu-1a', weight: 1 },
        leaseSeconds: 30,
        expiresInSeconds: 21,
      },
    ],
    '/cache': {
      memories: [
        {
          memory: '*',
          routes: ['images'],
          capacityBytes: 67_108_864,
          usedBytes: 43_200_000,
          entries: 9120,
          evictions: 2684,
          insertions: 11_804,
          rejections: 3,
          purges: 17,
        },
      ],
      routes: [
        {
          route: 'images',
          memory: '*',
          results: { hit: 812_345, stale: 201, coalesced: 4410, revalidated: 1208, miss: 12_001, pass: 310 },
          hitRatio: 0.984,
          bytesServed: 2_040_109_466,
        },
        {
          route: 'catalog',
          memory: '*',
          results: { hit: 20_411, stale: 0, coalesced: 12, revalidated: 640, miss: 9120, pass: 77 },
          hitRatio: 0.676,
          bytesServed: 104_857_600,
        },
      ],
    },
    '/cache/entries': {
      entries: Array.from({ length: 12 }, (_, index) => ({
        memory: '*',
        route: 'images',
        address: `https://shop.example.com/images/${index + 1}.webp`,
        kind: 'response',
        state: index % 5 === 4 ? 'stale' : 'fresh',
        status: 200,
        ageSeconds: 31 * (index + 1),
        freshSeconds: 300,
        hits: 900 - index * 61,
        bodyBytes: 18_211 + index * 4111,
        memoryBytes: 20_480,
        variant: {},
        isForOneCaller: false,
      })),
      next: null,
    },
    '/limits': {
      limits: [
        limit('checkout', {
          key: 'consumer',
          keyParts: ['consumer'],
          quota: 100,
          windowSeconds: 60,
          burst: 100,
        }),
        limit('search-suggest', {
          key: 'ip',
          keyParts: ['ip'],
          quota: 20,
          windowSeconds: 1,
          burst: 40,
          mode: 'report',
        }),
        limit('orders', {
          key: 'consumer and route',
          keyParts: ['consumer'],
          quota: 1000,
          windowSeconds: 3600,
          burst: null,
          store: 'redis',
          algorithm: 'sliding',
          quotaFrom: { kind: 'plan', plans: { gold: 5000, silver: 2000 } },
        }),
      ],
      concurrency: [{ route: 'media', key: 'consumer', keyParts: ['consumer'], limit: 20, mode: 'on' }],
    },
    '/limits/checkout/100%2F1m': {
      route: 'checkout',
      limit: '100/1m',
      key: ['acme'],
      quota: 100,
      remaining: 12,
      resetSeconds: 0.6,
      limited: false,
      mode: 'on',
      store: 'local',
      degraded: false,
    },
    '/concurrency/media': { route: 'media', key: ['acme'], limit: 20, inUse: 7 },
    '/certificates': [
      certificate('shop', { names: ['shop.example.com', 'www.shop.example.com'], days: 61 }),
      certificate(null, { names: ['*.example.com'], days: 9 }),
      certificate(null, { names: ['old.example.com'], days: -2 }),
    ],
    '/log-level': { level: 'info', components: { requests: 'debug', cache: null } },
    '/config': {
      listeners: [{ id: 'web', address: { host: '0.0.0.0', port: 8080 }, tls: null }],
      services: [
        {
          id: 'users',
          balancer: { kind: 'adaptive' },
          discovery: null,
          origin: { file: 'gateway.yaml', line: 9 },
        },
      ],
      routes: [
        {
          id: 'user',
          match: { path: '/users/{id}', hosts: [], methods: ['GET'], listeners: [] },
          target: { kind: 'service', service: 'users' },
          origin: { file: 'gateway.yaml', line: 31 },
        },
      ],
    },
    '/readyz': {
      status: 'ready',
      reasons: [],
      version: '0.1.0',
      phase: 'serving',
      draining: false,
      revision,
      configuration: {
        state: 'current',
        sources: ['/etc/turnpike/gateway.yaml'],
        appliedAt: iso(95),
        ageSeconds: 95,
      },
      lastReload: { at: iso(95), reason: 'revision of the database', result: { kind: 'applied', revision } },
      lastKnownGood: null,
      threads: Array.from({ length: 4 }, (_, thread) => ({
        thread,
        state: 'ready',
        revision,
        deaths: thread === 2 ? 1 : 0,
        aliveMs: thread === 2 ? 391_000 : 8_110_000,
        strain: thread === 3 ? { lag: 1, memory: 0, sheds: ['bulk'] } : { lag: 0, memory: 0, sheds: [] },
      })),
      listeners: [
        { id: 'web', host: '0.0.0.0', port: 8080 },
        { id: 'secure', host: '0.0.0.0', port: 8443 },
      ],
      identityProviders: [
        {
          id: 'keycloak',
          issuer: 'https://id.example.com/realms/main',
          state: 'ready',
          keys: 2,
          learnedAt: iso(310),
          problem: '',
          endpoints: { token: 'closed', introspection: 'closed' },
        },
      ],
      addressLists: [{ id: 'offices', kind: 'inline', entries: 2, loadedAtMs: now - 95_000, problem: '' }],
      discovery: [],
      acme: [],
      descriptors: [],
    },
  };
}

function discovered(service: string, source: string, address: string, endpoints: number): JsonObject {
  return {
    service,
    source,
    address,
    version: '8812',
    endpoints,
    ageSeconds: 4,
    from: 'source',
    problem: '',
    pending: null,
    changes: 3,
    refused: 0,
  };
}

/** Counters that pages read. */
export const METRICS = `turnpike_errors_total{code="RATE_LIMITED"} 2210
turnpike_errors_total{code="OVERLOADED"} 31
turnpike_errors_total{code="BREAKER_OPEN"} 118
`;

/** The decisions about a request that was traced. */
export function trace(id: string): JsonObject {
  const passed = (
    stage: string,
    ownMicroseconds: number,
    decisions: readonly JsonObject[] = [],
  ): JsonObject => ({ stage, verdict: 'passed', status: 200, code: '', ownMicroseconds, decisions });
  return {
    id,
    request: { id, method: 'GET', host: 'api.example.com', path: '/orders/1042', listener: 'web' },
    reply: { status: 200, code: '', durationMs: 12.1, answeredBy: '', rule: '', place: 'gateway.yaml:31' },
    route: { id: 'orders-one', place: 'gateway.yaml:31' },
    candidates: [
      { route: 'orders-one', path: '/orders/{id}', host: '*', outcome: 'chosen', mismatches: [] },
      { route: 'orders', path: '/orders', host: '*', outcome: 'rejected', mismatches: ['path'] },
    ],
    steps: [
      passed('rescue', 3),
      passed('rate-limit', 9, [
        { policy: 'rateLimit', decision: 'allowed', reason: '97 of 100 left for acme' },
      ]),
      passed('authenticate', 41, [
        { policy: 'authenticate', decision: 'allowed', reason: 'the key tp_Ab3dE6gH of acme' },
      ]),
      passed('forward', 88),
    ],
    upstream: { service: 'orders', endpoint: '10.0.2.11:8080', upstreamMs: 11.4 },
  };
}

function limit(route: string, given: object): object {
  const { quota, windowSeconds } = given as { quota: number; windowSeconds: number };
  const name = `${quota}/${windowSeconds === 60 ? '1m' : `${windowSeconds}s`}`;
  const usual = { algorithm: 'gcra', store: 'local', quotaFrom: null, mode: 'on', percent: 100, group: null };
  return { route, limit: name, ...usual, ...given };
}

const DAY_MS = 86_400_000;

function certificate(
  name: string | null,
  { names, days }: { readonly names: readonly string[]; readonly days: number },
): object {
  return {
    listener: 'secure',
    source: name === null ? 'file' : 'database',
    name,
    file: name === null ? `/etc/turnpike/${names[0]}.pem` : null,
    isDefault: name === null && days > 0,
    names,
    state: days > 0 ? 'valid' : 'expired',
    issuer: 'C=US, O=Example Trust, CN=E5',
    serial: '04AB',
    notBefore: new Date(Date.now() - 30 * DAY_MS).toISOString(),
    notAfter: new Date(Date.now() + days * DAY_MS).toISOString(),
    acme: null,
  };
}
