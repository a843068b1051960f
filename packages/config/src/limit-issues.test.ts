import { describeFaults, describeWarnings, type Row } from '../test/faults.ts';

const SERVICE = 'services: { s: { endpoints: [http://a] } }\n';
const KEY = '0123456789abcdef0123456789abcdef';
const REDIS = 'stores: { redis: { url: redis://a } }\n';
const CALLERS = `${SERVICE}identityProviders: { p: { issuer: https://p.example, audiences: [a] } }
consumers: { c: { keys: [exactly-16-chars] } }\n`;

/** A route with policies that knows nobody. */
function policies(text: string, before = SERVICE): string {
  return `${before}routes: { r: { match: { path: "/u/{id}" }, service: s, policies: { ${text} } } }`;
}

/** A limit of a route that knows who is calling. */
function limit(text: string): string {
  return policies(`authenticate: { with: consumers }, rateLimit: { limit: 9, per: 1m, ${text} }`, CALLERS);
}

const ERRORS: Readonly<Record<string, readonly Row[]>> = {
  rateLimit: [
    [policies('»rateLimit: { limit: 9 }'), 'MISSING_KEY'],
    [policies('rateLimit: [»{ per: 1m }]'), 'MISSING_KEY'],
    [policies('rateLimit: »100'), 'WRONG_TYPE'],
    [policies('rateLimit: { limit: »-1, per: 1m }'), 'OUT_OF_RANGE'],
    [policies('rateLimit: { limit: »1.5, per: 1m }'), 'WRONG_TYPE'],
    [policies('rateLimit: { limit: 9, per: »1 }'), 'WRONG_TYPE'],
    [policies('rateLimit: { limit: 9, per: »367d }'), 'OUT_OF_RANGE'],
    [policies('rateLimit: { limit: 9, »in: 1m, per: 1m }'), 'UNKNOWN_KEY'],
    [limit('burst: »0'), 'OUT_OF_RANGE'],
    [limit('name: »"a b"'), 'BAD_VALUE'],
    [limit('percent: »101'), 'OUT_OF_RANGE'],
    [limit('percent: »10%'), 'WRONG_TYPE'],
    [limit('store: »memory'), 'BAD_VALUE'],
    [limit('store: »redis'), 'CONFLICT'],
    [limit('whenStoreFails: »open'), 'BAD_VALUE'],
    [limit('algorithm: »fixed'), 'BAD_VALUE'],
    [limit('algorithm: sliding, »burst: 20'), 'CONFLICT'],
    [limit('plans: { gold: 5 }, »limitFrom: "5"'), 'CONFLICT'],
    [limit('plans: { gold: »many }'), 'WRONG_TYPE'],
    [limit('limitFrom: »request.method'), 'BAD_VALUE'],
    [limit('limitFrom: »response.status'), 'BAD_VALUE'],
    [limit('when: »request.methd == "GET"'), 'BAD_VALUE'],
    [limit('when: »"5"'), 'BAD_VALUE'],
    [limit('cost: »-1'), 'OUT_OF_RANGE'],
    [limit('»cost: 10'), 'CONFLICT'],
    [limit('cost: »""'), 'BAD_VALUE'],
    [limit('cost: »response.sttus'), 'BAD_VALUE'],
    [limit('cost: response.status, »responseCost: response.status'), 'CONFLICT'],
    [limit('responseCost: »identity.subject'), 'BAD_VALUE'],
    [policies('rateLimit: [{ name: a, limit: 1, per: 1s }, { name: »a, limit: 2, per: 1s }]'), 'CONFLICT'],
    [policies('rateLimit: [{ group: a, limit: 1, per: 1s }, { group: »a, limit: 1, per: 1s }]'), 'CONFLICT'],
    [
      policies('rateLimit: { group: »a, limit: 2, per: 1s }').replace(
        'routes:',
        'defaults: { policies: { rateLimit: { group: a, limit: 1, per: 1s } } }\nroutes:',
      ),
      'CONFLICT',
    ],
  ],
  'the key of a limit': [
    [limit('by: »adress'), 'BAD_VALUE'],
    [limit('by: [ip, »identiy]'), 'BAD_VALUE', 'identity'],
    [limit('by: »x-tenant'), 'BAD_VALUE', 'header:x-tenant'],
    [limit('by: »"headers:x-tenant"'), 'BAD_VALUE', 'header:x-tenant'],
    [limit('by: »"header:"'), 'BAD_VALUE'],
    [limit('by: »"header:a b"'), 'BAD_VALUE'],
    [limit('by: »"claim:a..b"'), 'BAD_VALUE'],
    [limit('by: »"rule:request"'), 'BAD_VALUE'],
    [limit('by: »"path:di"'), 'UNKNOWN_PARAMETER', 'id'],
    [limit('by: [ip, »"path:x"]'), 'UNKNOWN_PARAMETER'],
    [limit('whenKeyMissing: »allow'), 'BAD_VALUE'],
    [policies('rateLimit: { limit: 9, per: 1m, by: »[{}] }').replace('»[{', '[»{'), 'WRONG_TYPE'],
    [policies('»rateLimit: { limit: 9, per: 1m, by: identity }'), 'CONFLICT'],
    [policies('rateLimit: [{ limit: 9, per: 1m }, »{ limit: 9, per: 1m, by: [ip, plan] }]'), 'CONFLICT'],
    [policies('»rateLimit: { limit: 9, per: 1m, by: "rule:identity.subject" }'), 'CONFLICT'],
    [policies('»rateLimit: { limit: 9, per: 1m, when: identity != null }'), 'CONFLICT'],
    [policies('»rateLimit: { limit: 9, per: 1m, plans: { gold: 100 } }'), 'CONFLICT'],
    [policies('»concurrency: { limit: 9, by: consumer }'), 'CONFLICT'],
    [policies('concurrency: { limit: 9, by: »path:x }'), 'UNKNOWN_PARAMETER'],
    [
      `${SERVICE}defaults: { policies: { rateLimit: { limit: 9, per: 1m, by: claim:a } } }
routes: { »r: { service: s } }`,
      'CONFLICT',
    ],
  ],
  concurrency: [
    [policies('»concurrency: {}'), 'MISSING_KEY'],
    [policies('concurrency: { limit: »0 }'), 'OUT_OF_RANGE'],
    [policies('concurrency: »20'), 'WRONG_TYPE'],
    [policies('concurrency: { limit: 2, by: »"rule:1 +" }'), 'BAD_VALUE'],
    ['services: { s: { endpoints: [http://a], concurrency: »auto } }', 'BAD_VALUE'],
    ['services: { s: { endpoints: [http://a], concurrency: »0 } }', 'OUT_OF_RANGE'],
  ],
  priority: [
    [policies('priority: »hgih'), 'BAD_VALUE', 'high'],
    [policies('priority: { level: »1 }'), 'WRONG_TYPE'],
    [policies('priority: { header: »"a b" }'), 'BAD_VALUE'],
    [policies('priority: { plans: { gold: »urgent } }'), 'BAD_VALUE'],
  ],
  'stores.redis': [
    ['stores: { »redis: {} }', 'MISSING_KEY'],
    ['stores: { redis: { url: »127.0.0.1:6379 } }', 'BAD_VALUE'],
    ['stores: { redis: { url: »http://a } }', 'BAD_VALUE'],
    ['stores: { redis: { url: »redis://a/zero } }', 'BAD_VALUE'],
    ['stores: { redis: { url: [redis://a, »redis://b?db=1] } }', 'BAD_VALUE'],
    ['stores: { redis: { url: »[] } }', 'BAD_VALUE'],
    ['stores: { redis: { url: »[redis://a, redis://b] } }', 'CONFLICT'],
    ['stores: { redis: { url: redis://a, cluster: true, »sentinel: main } }', 'CONFLICT'],
    ['stores: { redis: { url: »redis://a/1, cluster: true } }', 'CONFLICT'],
    ['stores: { redis: { url: »[redis://a, rediss://b], cluster: true } }', 'CONFLICT'],
    ['stores: { redis: { url: redis://a, »authorities: a.pem } }', 'CONFLICT'],
    ['stores: { redis: { url: redis://a, cluster: »yes } }', 'WRONG_TYPE'],
    ['stores: { redis: { url: redis://a, timeout: »50 } }', 'WRONG_TYPE'],
  ],
  'stores.database': [
    ['stores: { »database: {} }', 'MISSING_KEY'],
    ['stores: { database: { url: »turnpike.db } }', 'BAD_VALUE'],
    ['stores: { database: { url: »mysql://a/b } }', 'BAD_VALUE'],
    ['stores: { database: { url: »"sqlite:" } }', 'BAD_VALUE'],
    ['stores: { database: { url: »"sqlite::memory:" } }', 'BAD_VALUE'],
    ['stores: { database: { url: »sqlite:///a.db } }', 'BAD_VALUE'],
    ['stores: { database: { url: »postgres://host } }', 'BAD_VALUE'],
    ['stores: { database: { url: sqlite:a, encryption: { keys: [»short] } } }', 'BAD_VALUE'],
    [`stores: { database: { url: sqlite:a, encryption: { keys: [${KEY}, »${KEY}] } } }`, 'DUPLICATE_ENTRY'],
    ['stores: { database: { url: sqlite:a, poll: »5 } }', 'WRONG_TYPE'],
    ['stores: { database: { url: sqlite:a, references: { env: [»"*"] } } }', 'BAD_VALUE'],
  ],
  validate: [
    [policies('»validate: {}'), 'MISSING_KEY'],
    [policies('validate: { openapi: api.json, »body: schema.json }'), 'CONFLICT'],
    [policies('validate: { body: schema.json, »basePath: /v1 }'), 'CONFLICT'],
    [policies('validate: { body: schema.json, »responses: report }'), 'CONFLICT'],
    [policies('validate: { openapi: »"" }'), 'BAD_VALUE'],
    [policies('validate: { openapi: »gone.yaml }'), 'UNREADABLE'],
    [policies('validate: { body: { type: object, »minProperties: -1 } }'), 'BAD_VALUE'],
    [policies('validate: { query: { page: { »type: integre } } }'), 'BAD_VALUE'],
    [policies('validate: { query: { page: { »pattern: "(" } } }'), 'BAD_VALUE'],
    [policies('validate: { query: { »page: { $ref: "#/gone" } } }'), 'BAD_VALUE'],
    [policies('validate: { openapi: api.json, basePath: »v1 }'), 'BAD_VALUE', '/v1'],
    [policies('validate: { openapi: api.json, responses: »on }'), 'BAD_VALUE'],
    [policies('validate: { openapi: api.json, unknownParameters: »deny }'), 'BAD_VALUE'],
    [policies('validate: { openapi: api.json, bodyBytes: »0 }'), 'OUT_OF_RANGE'],
    [policies('validate: { query: { page: »integer } }'), 'WRONG_TYPE'],
    [policies('validate: { headers: { »"a b": {} } }'), 'BAD_VALUE'],
    [policies('validate: { body: »[] }'), 'WRONG_TYPE'],
    [policies('validate: { path: { »di: {} } }'), 'UNKNOWN_PARAMETER', 'id'],
  ],
  cors: [
    [policies('»cors: {}'), 'MISSING_KEY'],
    [policies('cors: { origins: »[] }'), 'BAD_VALUE'],
    [policies('cors: { origins: [»app.example.com] }'), 'BAD_VALUE', 'https://app.example.com'],
    [policies('cors: { origins: [»https://app.example.com/] }'), 'BAD_VALUE', 'https://app.example.com'],
    [policies('cors: { origins: [»"https://a.*.com"] }'), 'BAD_VALUE'],
    [policies('cors: { origins: [»"https://*"] }'), 'BAD_VALUE'],
    [policies('cors: { origins: »https://app.example.com }'), 'BAD_VALUE'],
    [policies('cors: { origins: »"*", credentials: true }'), 'CONFLICT'],
    [policies('cors: { origins: »["*"], credentials: true }'), 'CONFLICT'],
    [policies('cors: { »origin: [], origins: "*" }'), 'UNKNOWN_KEY', 'origins'],
    [policies('cors: { origins: ["https://a"], exposeHeaders: »["*"], credentials: true }'), 'CONFLICT'],
    [policies('cors: { origins: "*", methods: [»get] }'), 'BAD_VALUE', 'GET'],
    [policies('cors: { origins: "*", headers: [»"a b"] }'), 'BAD_VALUE'],
    [policies('cors: { origins: "*", maxAge: »2d }'), 'OUT_OF_RANGE'],
  ],
  securityHeaders: [
    [policies('securityHeaders: »true'), 'WRONG_TYPE'],
    [policies('securityHeaders: { mode: »maybe }'), 'BAD_VALUE'],
    [policies('securityHeaders: { x-frame-options: »5 }'), 'WRONG_TYPE'],
    [policies('securityHeaders: { x-frame-options: »"a\\nb" }'), 'BAD_VALUE'],
    [policies('securityHeaders: { »"x frame": a }'), 'BAD_VALUE'],
    [policies('securityHeaders: { »content-length: "5" }'), 'BAD_VALUE'],
  ],
  limits: [
    [policies('limits: { jsonDepth: »0 }'), 'OUT_OF_RANGE'],
    [policies('limits: { queryCount: »many }'), 'WRONG_TYPE'],
    [policies('limits: { decompressedBytes: »1KB }'), 'BAD_VALUE', '1KiB'],
    [policies('limits: { mode: »maybe }'), 'BAD_VALUE'],
  ],
};

const WARNINGS: readonly Row[] = [
  [
    policies('authenticate: { with: p }, »rateLimit: { limit: 9, per: 1m, plans: { gold: 10 } }', CALLERS),
    'NO_EFFECT',
  ],
  [policies('authenticate: { with: p }, »concurrency: { limit: 9, by: [plan] }', CALLERS), 'NO_EFFECT'],
  [policies('authenticate: { with: p }, »priority: { plans: { gold: high } }', CALLERS), 'NO_EFFECT'],
  [
    policies(
      'authenticate: { with: consumers }, rateLimit: { limit: 9, per: 1m, plans: { »glod: 10 } }',
      CALLERS.replace('c: {', 'c: { plan: gold,'),
    ),
    'UNKNOWN_NAME',
    'gold',
  ],
  [policies('priority: { header: »x-priority }'), 'NO_EFFECT'],
  [policies('limits: { headerCount: »101 }'), 'NO_EFFECT'],
];

const FINE: readonly string[] = [
  policies('rateLimit: off, concurrency: off, priority: off, validate: off, cors: off, securityHeaders: off'),
  policies('rateLimit: [], limits: { mode: off, bodyBytes: 1 }'),
  policies('rateLimit: { limit: 9, per: 1m, by: [] }'),
  policies('rateLimit: { limit: 9, per: 1m, by: identity, mode: off }'),
  policies('rateLimit: { limit: 9, per: 1m, when: \'request.headers["identity"] == "a"\' }'),
  policies('rateLimit: { limit: 9, per: 1m, store: redis }', SERVICE + REDIS),
  limit('cost: 10, burst: 10'),
  limit('plans: { bronze: 1 }'),
  limit('cost: "response.header[\'x-tokens\']", by: [identity, "claim:a.b", "metadata:tier", path:id]'),
  `${SERVICE}defaults: { policies: { rateLimit: { limit: 9, per: 1m, group: all } } }
routes: { a: { service: s }, b: { service: s, match: { path: /b }, policies: { rateLimit: { limit: 9, per: 60s, group: all } } } }`,
  'stores: { redis: { url: [redis://a, redis://b], cluster: true } }',
  'stores: { redis: { url: "rediss://user:p%40ss@[::1]:6380/2" } }',
  'stores: { database: { url: sqlite:turnpike.db, references: { env: [TURNPIKE_*], files: [secrets] }, files: [apis] } }',
  policies('validate: { openapi: api.json }'),
  policies('validate: { query: { page: { required: true, type: integer } } }'),
  policies('validate: { body: schema.json, path: { id: {} } }'),
  policies(
    'cors: { origins: [https://a, "https://*.b.example:8443", "null", "app://local"], credentials: true }',
  ),
];

describeFaults(ERRORS);
describeWarnings(WARNINGS, FINE);
