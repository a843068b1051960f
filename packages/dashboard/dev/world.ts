// A gateway that does not exist, with enough going on for every page to show something. Always the same but for the time.
import type { Json, JsonObject, Kind } from '../src/api/types.ts';

export type Documents = Record<Kind, Record<string, JsonObject>>;

const SERVICES = [
  'orders',
  'users',
  'catalog',
  'payments',
  'search',
  'media',
  'notifications',
  'inventory',
] as const;

/** What stands in files, and nobody may change here. */
export const FILES: Documents = {
  routes: {
    welcome: { match: { path: '/' }, respond: { status: 200, body: 'Turnpike\n' } },
    health: { match: { path: '/ping' }, respond: { body: 'pong\n' } },
    people: { match: { path: '/people/*' }, redirect: { to: '/users/{rest}' } },
  },
  services: { users: { endpoints: ['http://10.0.1.11:8080', 'http://10.0.1.12:8080'] } },
  apis: {},
  consumers: { 'internal-batch': { keys: ['sha256:' + 'a1'.repeat(32)], plan: 'internal' } },
  identityProviders: {},
  certificates: {},
  lists: {},
};

/** What is in the database at the start. */
export function objects(): Documents {
  return {
    routes: Object.fromEntries(routes()),
    services: Object.fromEntries(
      SERVICES.filter((name) => name !== 'users').map((name, index) => [
        name,
        {
          endpoints: Array.from(
            { length: 2 + (index % 3) },
            (_, at) => `http://10.0.${index + 2}.${at + 11}:8080`,
          ),
          timeouts: { connect: '500ms', request: `${5 + index}s` },
          ...(index % 2 === 0 && { balancer: 'least-request' }),
          ...(name === 'payments' && { circuitBreaker: {} }),
        },
      ]),
    ),
    apis: {},
    consumers: {
      acme: { plan: 'gold', scopes: ['orders:read', 'orders:write'], metadata: { region: 'eu' } },
      globex: { plan: 'silver', scopes: ['orders:read'] },
      initech: { basic: [{ username: 'initech', password: 'not-a-real-password' }] },
    },
    identityProviders: {
      keycloak: { issuer: 'https://id.example.com/realms/main', audiences: ['api'] },
    },
    certificates: {
      shop: { certificate: '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n', key: '***' },
    },
    lists: { offices: { addresses: ['192.0.2.0/24', '198.51.100.7'] } },
  };
}

function routes(): [string, JsonObject][] {
  const usual: [string, JsonObject][] = SERVICES.flatMap((service): [string, JsonObject][] => [
    [
      service,
      { match: { path: `/${service}`, methods: ['GET', 'POST'] }, service, policies: { timeout: '5s' } },
    ],
    [`${service}-one`, { match: { path: `/${service}/{id}`, methods: ['GET', 'PUT', 'DELETE'] }, service }],
  ]);
  return [
    ...usual,
    [
      'checkout',
      {
        match: { path: '/checkout', methods: ['POST'], hosts: ['shop.example.com'] },
        service: 'payments',
        policies: {
          authenticate: { with: 'consumers' },
          rateLimit: { limit: 100, per: '1m', by: 'consumer' },
          timeout: '3s',
          cors: { origins: ['https://shop.example.com'] },
        },
      },
    ],
    [
      'images',
      { match: { path: '/images/*' }, service: 'media', policies: { cache: { staleIfError: '1h' } } },
    ],
    ['catalog-canary', { match: { path: '/catalog/new' }, services: { catalog: 95, search: 5 } }],
    [
      'search-suggest',
      {
        match: { path: '/search/suggest' },
        service: 'search',
        policies: { rateLimit: { limit: 20, per: '1s' } },
      },
    ],
  ];
}

/** A number from 0 to 1 that only depends on what is asked for. */
export function steady(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

const wave = (at: number, shift: number): number =>
  1 + 0.35 * Math.sin(at / 420_000 + shift) + 0.12 * Math.sin(at / 61_000 + shift * 3);

/** The last hour. There was trouble with payments twenty minutes ago. */
export function samples(now: number): JsonObject[] {
  const end = Math.floor(now / 10_000) * 10_000;
  return Array.from({ length: 360 }, (_, index) => sampleAt(end - (359 - index) * 10_000, (359 - index) / 6));
}

function sampleAt(at: number, minutesAgo: number): JsonObject {
  const isTrouble = minutesAgo > 17 && minutesAgo < 22;
  const loads = SERVICES.map((name, index) => {
    const requests = Math.round(
      (2600 / (index + 1.4)) * wave(at, index) * (0.92 + 0.16 * steady(at / 10_000 + index)),
    );
    const isBad = isTrouble && name === 'payments';
    const errors = Math.round(
      requests * (isBad ? 0.18 : 0.0012 * (index + 1) * steady(at / 10_000 + index * 7)),
    );
    const p50Ms = 4 + index * 2.4 + 2 * steady(at / 20_000 + index);
    return {
      name,
      requests,
      errors,
      p50Ms,
      p99Ms: p50Ms * (isBad ? 21 : 5 + 2 * steady(at / 10_000 + index * 3)),
    };
  });
  const requests = loads.reduce((sum, one) => sum + one.requests, 0);
  const half = (part: number) => (load: (typeof loads)[number]) => ({
    ...load,
    requests: Math.round(load.requests * part),
    errors: Math.round(load.errors * part),
  });
  return {
    at,
    requests,
    errors: loads.reduce((sum, one) => sum + one.errors, 0),
    p50Ms: 6.2 + steady(at / 10_000),
    p99Ms: (isTrouble ? 190 : 48) + 14 * steady(at / 9_000),
    inFlight: Math.round(requests / 110),
    cpu: requests / 5200,
    routes: [
      ...loads.map(half(0.55)),
      ...loads.map((load) => ({ ...half(0.35)(load), name: `${load.name}-one` })),
      { ...half(0.1)(loads[3] ?? loads[0]!), name: 'checkout' },
    ],
    services: loads,
  };
}

/** One bad apple in each of two barrels. */
export function endpoints(documents: Documents): JsonObject[] {
  return Object.entries(documents.services).flatMap(([service, document]) =>
    ((document['endpoints'] ?? []) as readonly Json[]).map((one, index) => {
      const url = typeof one === 'string' ? one : String((one as JsonObject)['url']);
      const isOut = service === 'payments' && index === 1;
      const isDown = service === 'media' && index === 0;
      return {
        service,
        url,
        weight: 1,
        zone: ['eu-1a', 'eu-1b'][index % 2] ?? null,
        isDraining: service === 'catalog' && index === 2,
        state: isOut ? 'ejected' : isDown ? 'down' : 'up',
        reason: isOut ? 'consecutive-failures' : isDown ? 'connect ECONNREFUSED' : '',
        ejectedUntil: isOut ? new Date(Date.now() + 22_000).toISOString() : null,
        ejections: isOut ? 3 : 0,
        warmShare: 1,
        inflight: Math.round(steady(index + service.length) * 9),
        latencyUs: 4000 + steady(index * 3 + service.length) * 20_000,
        ok: 48_211 + index * 911,
        failed: isOut ? 412 : isDown ? 88 : 3,
        check: null,
        history: [],
      };
    }),
  );
}

/** A line of the live tail. */
export function tailLine(number: number): JsonObject {
  const service = SERVICES[Math.floor(steady(number) ** 2 * SERVICES.length)] ?? 'orders';
  const dice = steady(number * 1.7);
  const status =
    dice > 0.985 ? 502 : dice > 0.94 ? 404 : dice > 0.9 ? 429 : dice > 0.86 ? 304 : dice > 0.7 ? 201 : 200;
  const code = { 502: 'UPSTREAM_RESET', 404: 'NO_ROUTE', 429: 'RATE_LIMITED' }[status as 502];
  const isOurs = status === 404 || status === 429;
  const durationMs = isOurs ? 0.3 + dice / 4 : 4 + steady(number * 3) * 90;
  return {
    time: new Date().toISOString(),
    requestId: `62e840dcc00c5e30-${number.toString(16).padStart(8, '0')}`,
    method: status === 201 ? 'POST' : 'GET',
    path:
      status === 404
        ? '/wp-login.php'
        : status === 201
          ? `/${service}`
          : `/${service}/${1000 + Math.round(dice * 900)}`,
    client: `10.4.${number % 7}.${number % 250}`,
    host: 'api.example.com',
    userAgent: 'Mozilla/5.0',
    protocol: 'HTTP/1.1',
    status,
    route: status === 404 ? '' : status === 201 ? service : `${service}-one`,
    service: isOurs ? '' : service,
    endpoint: isOurs ? '' : `10.0.3.${11 + (number % 3)}:8080`,
    attempts: status === 502 ? 2 : isOurs ? 0 : 1,
    durationMs: Math.round(durationMs * 1000) / 1000,
    upstreamMs: isOurs ? null : Math.round((durationMs - 0.4) * 1000) / 1000,
    requestBytes: 0,
    responseBytes: 211,
    reused: true,
    ...(code && { code }),
    ...(service === 'media' && { cache: 'hit' }),
    consumer: ['acme', 'globex', ''][number % 3] ?? '',
  };
}
