import { describeFaults, describeWarnings, type Row } from '../test/faults.ts';

const SERVICE = 'services: { s: { endpoints: [http://a] }, t: { endpoints: [http://b] } }\n';

/** A service with one endpoint. */
function service(text: string): string {
  return `services: { s: { endpoints: [http://a], ${text} } }`;
}

/** A service whose endpoints are discovered. */
function discovery(text: string): string {
  return `services: { s: { discovery: ${text} } }`;
}

/** A route with policies. */
function policies(text: string, target = 'service: s'): string {
  return `${SERVICE}routes: { r: { match: { path: /u }, ${target}, policies: { ${text} } } }`;
}

const ERRORS: Readonly<Record<string, readonly Row[]>> = {
  discovery: [
    ['services: { s: { endpoints: [http://a], »discovery: { registry: s } } }', 'CONFLICT'],
    ['services: { s: { »discovery: {} } }', 'MISSING_KEY'],
    ['services: { s: { »discovery: { dns: a, port: 80, srv: b } } }', 'CONFLICT'],
    [discovery('{ »dns: a }'), 'MISSING_KEY'],
    [discovery('{ »etcd: http://e }'), 'MISSING_KEY'],
    [discovery('{ »consul: http://c }'), 'MISSING_KEY'],
    [discovery('{ srv: a, »port: 80 }'), 'CONFLICT'],
    [discovery('{ file: a, »prefix: /b }'), 'CONFLICT'],
    [discovery('{ dns: a, port: »0 }'), 'OUT_OF_RANGE'],
    [discovery('{ dns: a, port: »http }'), 'WRONG_TYPE'],
    [discovery('{ dns: a, port: 80, resolvers: [»ns.example] }'), 'BAD_VALUE'],
    [discovery('{ etcd: »e:2379, prefix: a }'), 'BAD_VALUE'],
    [discovery('{ »kubernetes: { namespace: a } }'), 'MISSING_KEY'],
    [discovery('{ kubernetes: { service: a, »labels: b } }'), 'UNKNOWN_KEY'],
    [discovery('{ »zookeeper: http://z }'), 'UNKNOWN_KEY'],
  ],
  balancer: [
    [service('»balancer: {}'), 'MISSING_KEY'],
    [service('balancer: { hash: [ip], »sticky: a }'), 'CONFLICT'],
    [service('balancer: { hash: »[] }'), 'BAD_VALUE'],
    [service('balancer: { hash: [»pth] }'), 'BAD_VALUE', 'path'],
    [service('balancer: { hash: [»"header:a b"] }'), 'BAD_VALUE'],
    [service('balancer: { hash: [ip], boundedLoad: »3 }'), 'OUT_OF_RANGE'],
    [service('balancer: { sticky: »"a;b" }'), 'BAD_VALUE'],
    [service('balancer: { sticky: a, secret: »short }'), 'BAD_VALUE'],
    [service('panicThreshold: »0.5'), 'WRONG_TYPE'],
    [service('subset: »1'), 'OUT_OF_RANGE'],
    ['services: { s: { endpoints: [http://a, »"http://a:80"] } }', 'DUPLICATE_ADDRESS'],
    ['services: { s: { endpoints: [{ url: http://a, priority: »16 }] } }', 'OUT_OF_RANGE'],
  ],
  health: [
    [service('health: { type: tcp, »path: /healthz }'), 'CONFLICT'],
    [service('health: { type: grpc, »host: a }'), 'CONFLICT'],
    [service('health: { »service: a }'), 'CONFLICT'],
    [service('health: { path: »healthz }'), 'BAD_VALUE', '/healthz'],
    [service('health: { statuses: [»2xx] }'), 'BAD_VALUE'],
    [service('health: { statuses: [»399-200] }'), 'BAD_VALUE', '200-399'],
    [service('health: { statuses: [»"600"] }'), 'BAD_VALUE'],
    [service('health: { healthyAfter: »0 }'), 'OUT_OF_RANGE'],
    [service('outlierDetection: { »consecutive5xx: 5 }'), 'UNKNOWN_KEY', 'consecutiveFailures'],
    [service('circuitBreaker: { failureRate: »50 }'), 'WRONG_TYPE'],
    [service('circuitBreaker: { failureRate: »120% }'), 'BAD_VALUE'],
  ],
  'what happens when services fail': [
    [policies('retry: { attempts: »1 }'), 'OUT_OF_RANGE'],
    [policies('retry: { on: [»gateway-error] }'), 'BAD_VALUE'],
    [policies('retry: { on: [»404] }'), 'BAD_VALUE'],
    [policies('retry: { methods: [»post] }'), 'BAD_VALUE', 'POST'],
    [policies('hedge: { after: »p40 }'), 'BAD_VALUE', 'p95'],
    [policies('hedge: { after: »fast }'), 'BAD_VALUE'],
    [policies('»fallback: {}'), 'MISSING_KEY'],
    [policies('fallback: { service: t, »respond: {} }'), 'CONFLICT'],
    [policies('fallback: { service: »gone }'), 'UNKNOWN_NAME'],
    [policies('»mirror: { percent: 1 }'), 'MISSING_KEY'],
    [policies('mirror: { service: »tt }'), 'UNKNOWN_NAME', 't'],
    [policies('mirror: { service: t, percent: »101 }'), 'OUT_OF_RANGE'],
    [policies('»fault: {}'), 'MISSING_KEY'],
    [policies('fault: { abort: { status: »200 } }'), 'OUT_OF_RANGE'],
    [policies('fallback: { respond: { status: 204, »body: a } }'), 'CONFLICT'],
    [policies('deadline: { header: »"a b" }'), 'BAD_VALUE'],
    [policies('deadline: { header: »Host }'), 'BAD_VALUE'],
    [policies('deadline: { header: »expect }'), 'BAD_VALUE'],
    [policies('deadline: { header: »grpc-timeout }'), 'BAD_VALUE'],
    [policies('deadline: { header: »X-Forwarded-For }'), 'BAD_VALUE'],
    [policies('deadline: { header: »x-gateway-attempt }'), 'BAD_VALUE'],
    [policies('»retry: {}', 'respond: {}'), 'CONFLICT'],
    [policies('»mirror: { service: t }', 'redirect: { to: /a }'), 'CONFLICT'],
  ],
  split: [
    [policies('', '»services: { s: 1 }'), 'CONFLICT'],
    [policies('', '»services: { s: 0, t: 0 }'), 'BAD_VALUE'],
    [policies('', 'services: { s: 1, tt: »1 }'), 'UNKNOWN_NAME', 't'],
    [policies('', 'services: { s: 1, t: »-1 }'), 'OUT_OF_RANGE'],
    [policies('', 'service: s, »split: { sticky: a }'), 'CONFLICT'],
    [policies('', 'services: { s: 1, t: 1 }, split: { override: »x-side }'), 'BAD_VALUE', 'header:x-side'],
  ],
};

/** Two services with the same sticky cookie, and their routes. */
function twoSticky(one: string, other: string): string {
  return `services:
  s: { endpoints: [http://a], balancer: { sticky: lb } }
  t: { endpoints: [http://b], balancer: { sticky: lb } }
routes: { r: { match: { ${one} }, service: s }, q: { match: { ${other} }, service: t } }`;
}

const WARNINGS: readonly Row[] = [
  [policies('mirror: { »service: s }'), 'CONFLICT'],
  [policies('mirror: { »service: t }, fallback: { service: t }'), 'CONFLICT'],
  [twoSticky('path: /u', 'path: /v').replace('http://b], balancer: { sticky: ', '$&»'), 'CONFLICT'],
  [
    `services: { s: { endpoints: [http://a], balancer: { sticky: lb } }, t: { endpoints: [http://b] } }
routes: { r: { match: { path: /u }, services: { s: 1, t: 1 }, split: { sticky: »lb } } }`,
    'CONFLICT',
  ],
  [policies('fallback: { »service: s }'), 'NO_EFFECT'],
  [policies('timeout: 1s, retry: { »perTry: 1s }'), 'NO_EFFECT'],
  [policies('', 'services: { s: 1, t: 1 }, split: { override: »header:x-side }'), 'NO_EFFECT'],
  [
    'services: { s: { discovery: »{ consul: http://consul.example, service: s, token: secret } } }',
    'INSECURE',
  ],
];

const FINE: readonly string[] = [
  twoSticky('path: /u, hosts: [a.example]', 'path: /v, hosts: [b.example]'),
  policies('mirror: { service: s }, fallback: { service: t }', 'services: { s: 1, t: 1 }'),
  policies('deadline: { header: x-time-left }, fallback: { respond: { status: 204 } }'),
  discovery('{ dns: orders.internal, port: 80, resolvers: [10.0.0.2, "[::1]:5353"] }'),
  discovery('{ srv: _orders._tcp.internal }'),
  discovery('{ etcd: [http://a:2379, http://b:2379], prefix: /orders/ }'),
  discovery('{ consul: http://127.0.0.1:8500, service: orders, tag: [v2, eu], token: secret }'),
  discovery('{ kubernetes: { namespace: prod, service: orders, port: http } }'),
  discovery('{ kubernetes: { service: orders, port: 8080 } }'),
  discovery('{ registry: orders }'),
  discovery('{ file: endpoints.yaml }'),
  service('health: {}'),
  service('health: { type: grpc, service: orders.v1.Orders }'),
  service('health: { type: tcp, port: 9000 }'),
  service('balancer: { sticky: side, lifetime: 1d }, slowStart: 0s, panicThreshold: 0%, subset: off'),
  policies('retry: off, hedge: { after: 200ms }, fallback: { service: t }, deadline: {}'),
  policies('fault: { delay: { percent: 1, duration: 200ms }, mode: report }'),
  policies('mirror: { service: t, percent: 10 }', 'services: { s: 90, t: 10 }, split: { sticky: side }'),
  `${SERVICE}defaults: { policies: { retry: { attempts: 3 } } }
routes: { r: { match: { path: /u }, respond: {} } }`,
];

describeFaults(ERRORS);
describeWarnings(WARNINGS, FINE);
