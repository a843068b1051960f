import { NAME_PATTERN } from './names.ts';
import { duration, flag, integer, list, map, notation, orElse, planned, section } from './typebox.ts';
import { size } from './size.ts';

const limits = section('What one connection and one request may cost.', {
  headerBytes: orElse(size('All header fields of a request together.', 256, 2 ** 20), '32KiB'),
  headerCount: orElse(integer('Header fields of a request.', 1, 10_000), 100),
  targetBytes: orElse(size('The request target: path and query as sent.', 16, 2 ** 20), '8KiB'),
  bodyBytes: orElse(
    size('The body of a request. A route overrides it with `policies.limits.bodyBytes`.'),
    '10MiB',
  ),
  headerTimeout: orElse(duration('From the first byte of a request until its head is complete.'), '10s'),
  bodyTimeout: orElse(duration('The longest silence between two pieces of a request body.'), '30s'),
  idleTimeout: orElse(duration('How long a connection may wait for its next request.'), '75s'),
  requestsPerConnection: orElse(
    integer('Requests on one connection, before it is closed.', 1, 2 ** 31),
    10_000,
  ),
  connections: orElse(
    integer('Open connections of this listener, on each data thread.', 1, 10_000_000),
    20_000,
  ),
  connectionsPerClient: orElse(
    integer('Open connections from one client address, on each data thread.', 1, 10_000_000),
    500,
  ),
});

const listener = section('One door: an address, and what may come through it.', {
  address: notation(
    'address',
    'Where to listen: `host:port`, `:8080` for every address, `[::1]:80`. Port 0: any.',
  ),
  trustedProxies: orElse(
    list(
      'Whose `X-Forwarded-*` and `Forwarded` is believed. Nobody by default.',
      notation('addressBlock', 'An address, or a block such as 10.0.0.0/8.'),
    ),
    [],
  ),
  proxyProtocol: orElse(flag('Connections begin with a PROXY protocol header, version 1 or 2.'), false),
  forwardedClientCert: orElse(
    flag('Believes `Client-Cert` (RFC 9440) of trusted proxies, which have checked the certificate.'),
    false,
  ),
  limits: orElse(limits, {}),
  ...planned({
    tls: [
      'HTTPS: HTTP/2 and HTTP/1.1 by ALPN.',
      {
        certificates: [
          'Chosen by SNI; the first is the default.',
          {
            certificate: 'A PEM file.',
            key: 'A PEM file.',
            acme: [
              'Certificates that are fetched and renewed by ACME.',
              {
                domains: 'Host names on the certificate.',
                email: 'Whom the authority may write to.',
                directory: 'The authority.',
                storage: 'Where keys are kept.',
              },
            ],
          },
        ],
        minVersion: 'The oldest TLS version.',
        clientCertificates: [
          'Mutual TLS.',
          { authorities: 'A PEM file.', required: 'Refuse clients without certificate.' },
        ],
      },
    ],
  }),
});

/** The doors of the gateway. */
export const listeners = map(
  { description: 'Where clients connect.', entry: 'listener', pattern: NAME_PATTERN },
  listener,
);
