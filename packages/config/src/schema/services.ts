import { serviceConcurrency } from './limit-policies.ts';
import { NAME_PATTERN } from './names.ts';
import {
  choice,
  duration,
  either,
  integer,
  list,
  map,
  notation,
  optional,
  orElse,
  planned,
  plannedShape,
  section,
  word,
} from './typebox.ts';

const url = notation('endpointUrl', 'Scheme, host and port; http:// only, until TLS and gRPC are built.');

const endpoint = section('An endpoint with a weight or a zone.', {
  url,
  weight: orElse(integer('Its share of the requests, beside its siblings. 0: drained.', 0, 1000), 1),
  zone: optional(word('Where it is.')),
});

const connections = section('Connections to each endpoint.', {
  perEndpoint: orElse(
    integer('The most connections to one endpoint, from each data thread.', 1, 1_000_000),
    256,
  ),
  idleTimeout: orElse(duration('How long an unused connection is kept.'), '60s'),
  http2: orElse(
    choice(
      '`auto`: by ALPN, once endpoints may have TLS; HTTP/1.1 until then.',
      ['auto', 'never'],
      ['always'],
    ),
    'auto',
  ),
});

const timeouts = section('How long an endpoint may take.', {
  connect: orElse(duration('To accept a connection.'), '1s'),
  request: orElse(duration('To send the head of its response.'), '30s'),
  idle: orElse(duration('The longest silence between two pieces of a body.'), '60s'),
});

const balancer = either(
  'How an endpoint is chosen.',
  choice('By name.', ['adaptive', 'round-robin', 'least-request', 'random']),
  plannedShape([
    'By what the request carries.',
    { hash: 'Values that choose the endpoint.', sticky: 'The cookie that keeps a caller on an endpoint.' },
  ]),
);

const service = section('Endpoints that do the same, and how to talk to them.', {
  endpoints: orElse(
    list('Where it is.', either('A URL, or a URL with a weight or a zone.', url, endpoint)),
    [],
  ),
  balancer: orElse(balancer, 'adaptive'),
  connections: orElse(connections, {}),
  timeouts: orElse(timeouts, {}),
  concurrency: orElse(serviceConcurrency, 'off'),
  ...planned({
    discovery: [
      'Endpoints from a registry.',
      {
        dns: 'A and AAAA records of this name.',
        srv: 'SRV records of this name.',
        port: 'The port of every endpoint.',
        etcd: 'Addresses of etcd.',
        prefix: 'Keys below this prefix.',
        consul: 'The address of Consul.',
        service: 'The name of the service there.',
        tag: 'Only instances with this tag.',
        kubernetes: [
          'EndpointSlices.',
          { namespace: 'Of the service.', service: 'Its name.', port: 'Its port, by name or number.' },
        ],
        registry: 'Instances that register themselves on the admin API.',
        file: 'A file with endpoints, watched.',
      },
    ],
    health: [
      'Active checks.',
      {
        path: 'What to get.',
        interval: 'Between two checks.',
        timeout: 'For one check.',
        healthyAfter: 'Successes in a row.',
        unhealthyAfter: 'Failures in a row.',
      },
    ],
    circuitBreaker: [
      'Stops asking a service that fails.',
      {
        failureRate: 'The share of failures that opens it.',
        minimumRequests: 'Before the rate counts.',
        window: 'Over which the rate is measured.',
        openFor: 'Until it tries again.',
      },
    ],
    tls: [
      'TLS to the endpoints.',
      {
        authorities: 'A PEM file.',
        serverName: 'The name to ask for and to verify.',
        certificate: 'Our certificate, a PEM file.',
        key: 'Its key, a PEM file.',
      },
    ],
    grpc: [
      'What the service speaks.',
      {
        descriptors: 'A descriptor set file.',
        reflection: 'Ask the service itself.',
        protos: 'Source files.',
      },
    ],
  }),
});

/** What requests are sent to. */
export const services = map(
  { description: 'What requests are sent to.', entry: 'service', pattern: NAME_PATTERN },
  service,
);
