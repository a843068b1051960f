import { discovery } from './discovery.ts';
import { grpc } from './grpc.ts';
import { serviceConcurrency } from './limit-policies.ts';
import { NAME_PATTERN } from './names.ts';
import { circuitBreaker, health, outlierDetection } from './service-health.ts';
import { STICKINESS } from './stickiness.ts';
import {
  choice,
  duration,
  either,
  integer,
  list,
  map,
  notation,
  number,
  offable,
  optional,
  orElse,
  section,
  word,
} from './typebox.ts';

const url = notation(
  'endpointUrl',
  'Scheme, host and port: http:// or https://, or grpc:// or grpcs://, which are HTTP/2 without and with TLS.',
);

const endpoint = section('An endpoint with a weight, a zone or a priority.', {
  url,
  weight: orElse(integer('Its share of the requests, beside its siblings. 0: drained.', 0, 1000), 1),
  zone: optional(word('Where it is.')),
  priority: orElse(integer('Those of 0 first; the next when too few of them are healthy.', 0, 15), 0),
});

const connections = section('Connections to each endpoint.', {
  perEndpoint: orElse(
    integer('The most connections to one endpoint, from each data thread.', 1, 1_000_000),
    256,
  ),
  idleTimeout: orElse(duration('How long an unused connection is kept.'), '60s'),
  http2: orElse(
    choice(
      'Who is spoken to over HTTP/2. `auto`: endpoints with grpc:// or grpcs://. `always`: all of them, which is also for discovered ones.',
      ['auto', 'never', 'always'],
    ),
    'auto',
  ),
});

const timeouts = section('How long an endpoint may take.', {
  connect: orElse(duration('To accept a connection.'), '1s'),
  request: orElse(duration('To send the head of its response.'), '30s'),
  idle: orElse(duration('The longest silence between two pieces of a body.'), '60s'),
});

const bound = section('By what the request carries. Has one of hash and sticky.', {
  hash: optional(
    list(
      'The first of these that a request has.',
      notation('hashKey', '`ip`, `identity`, `path`, `header:NAME`, `cookie:NAME` or `query:NAME`.'),
    ),
  ),
  boundedLoad: orElse(
    number('With `hash`: an endpoint gets at most this many times its share at once.', 1.05, 2),
    1.25,
  ),
  sticky: optional(notation('cookieName', 'A cookie that keeps a caller on an endpoint.')),
  ...STICKINESS,
});

const balancer = either(
  'How an endpoint is chosen.',
  choice('By name.', ['adaptive', 'round-robin', 'least-request', 'random']),
  bound,
);

const tls = section(
  'How https:// and grpcs:// endpoints are spoken to. Discovered ones are, if this is given.',
  {
    authorities: optional(word('A PEM file: who may vouch for endpoints. Those of Node.js by default.')),
    serverName: optional(word('The name to ask for and to verify. The host of the endpoint by default.')),
    certificate: optional(word('Our certificate, a PEM file.')),
    key: optional(word('Its private key, a PEM file that is not encrypted.')),
    pins: orElse(
      list(
        'Public keys, of which its certificate or one that leads to it must have one, beside all else. None: any.',
        notation('pin', '`sha256/` and the digest of a SubjectPublicKeyInfo in base64.'),
      ),
      [],
    ),
  },
);

const service = section('Endpoints that do the same, and how to talk to them.', {
  endpoints: orElse(
    list('Where it is.', either('A URL, or a URL with a weight, a zone or a priority.', url, endpoint)),
    [],
  ),
  balancer: orElse(balancer, 'adaptive'),
  connections: orElse(connections, {}),
  timeouts: orElse(timeouts, {}),
  concurrency: orElse(serviceConcurrency, 'off'),
  discovery: optional(discovery),
  slowStart: orElse(
    notation('duration', 'How long a new or healed endpoint gets less than its share. `0s`: not at all.', {
      minimum: 0,
      maximum: 3_600_000,
    }),
    '30s',
  ),
  panicThreshold: orElse(
    notation('percent', 'With a smaller share of its weight healthy, health is ignored. `0%`: never.'),
    '50%',
  ),
  subset: orElse(
    either(
      'How many endpoints this gateway uses at most.',
      choice('`auto`: all of them, but some of more than 500. `off`: all.', ['auto', 'off']),
      integer('So many.', 2, 10_000),
    ),
    'auto',
  ),
  health: optional(health),
  outlierDetection: orElse(offable(outlierDetection), {}),
  circuitBreaker: optional(circuitBreaker),
  tls: optional(tls),
  grpc: optional(grpc),
});

/** What requests are sent to. */
export const services = map(
  { description: 'What requests are sent to.', entry: 'service', pattern: NAME_PATTERN },
  service,
);
