import { NAME_PATTERN } from './names.ts';
import {
  choice,
  duration,
  either,
  flag,
  integer,
  list,
  map,
  notation,
  optional,
  orElse,
  secret,
  section,
  word,
} from './typebox.ts';
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
  http2: orElse(
    section('With HTTP/2 only.', {
      maxConcurrentStreams: orElse(integer('Requests under way on one connection.', 1, 10_000), 100),
    }),
    {},
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

const certificate = section('A certificate and its key.', {
  certificate: word('A PEM file: the certificate, and after it those that lead to its authority.'),
  key: word('A PEM file: the private key, not encrypted.'),
});

const acme = section('One that is fetched from an authority, and renewed, by ACME (RFC 8555).', {
  acme: section('What to fetch. The terms of the authority are agreed to.', {
    domains: list(
      'Host names on the certificate, 100 at most. No wildcards.',
      notation('acmeDomain', 'A host name.'),
    ),
    email: optional(word('Whom the authority may write to.')),
    directory: orElse(
      notation(
        'acmeDirectory',
        'The authority: `letsencrypt`, `letsencrypt-staging`, or the URL of its directory.',
      ),
      'letsencrypt',
    ),
    storage: orElse(
      either(
        'Where account, certificate and key are kept. What gateways share is fetched by one of them.',
        choice(
          '`state`: in `runtime.stateDirectory`. `redis`: in `stores.redis`. `database`: in `stores.database`, sealed.',
          ['state', 'redis', 'database'],
        ),
        section('A folder that several gateways share.', { path: word('The folder.') }),
      ),
      'state',
    ),
    challenge: orElse(
      choice('How control of the names is proven: over port 80, or in a handshake on port 443 (RFC 8737).', [
        'http-01',
        'tls-alpn-01',
      ]),
      'http-01',
    ),
    eab: optional(
      section('An account that the authority knows already (External Account Binding).', {
        keyId: word('Its name.'),
        hmacKey: secret('Its key in base64url, best from `${env:NAME}`.', 16),
      }),
    ),
    authorities: optional(
      word('A PEM file: who may vouch for the server of a private authority. Those of Node.js by default.'),
    ),
  }),
});

const clientCertificates = section('Mutual TLS: clients prove themselves with a certificate.', {
  authorities: word('A PEM file: who may vouch for clients.'),
  revocations: optional(
    word(
      'A file of revocation lists (CRL), in PEM or one in DER. With it, every authority that vouches needs a list that is not out of date.',
    ),
  ),
  required: orElse(
    flag('Refuses clients without certificate. One that is not good is refused anyway.'),
    true,
  ),
  forward: orElse(flag('Tells services the certificate in `Client-Cert` (RFC 9440).'), false),
});

const tls = section('HTTPS, with HTTP/2 and HTTP/1.1, as the client wishes.', {
  certificates: orElse(
    list(
      'Chosen by the name that the client asks for; the first is for all others. Those of `certificates` come behind them.',
      either('A certificate.', certificate, acme),
    ),
    [],
  ),
  minVersion: orElse(choice('The oldest version that is spoken.', ['TLSv1.2', 'TLSv1.3']), 'TLSv1.2'),
  clientCertificates: optional(clientCertificates),
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
  http2: orElse(
    flag('Clients may speak HTTP/2: with TLS by ALPN, without by beginning with it. HTTP/1.1 always works.'),
    true,
  ),
  forwardedClientCert: orElse(
    flag('Believes `Client-Cert` (RFC 9440) of trusted proxies, which have checked the certificate.'),
    false,
  ),
  limits: orElse(limits, {}),
  tls: optional(tls),
});

/** The doors of the gateway. */
export const listeners = map(
  { description: 'Where clients connect.', entry: 'listener', pattern: NAME_PATTERN },
  listener,
);
