import { Exchange, type ExchangeFields, type ExchangeRecord } from './exchange.ts';
import { headersOf } from './headers.ts';

/** For tests: an exchange that is over, with whatever matters set. */
export function exchangeFrom(
  fields: Partial<ExchangeFields> = {},
  record: Partial<ExchangeRecord> = {},
): Exchange {
  const client = { address: '203.0.113.9', family: 'ipv4', port: 40_000 } as const;
  const exchange = new Exchange({
    id: 'r-1',
    method: 'GET',
    authority: 'api.example.com',
    host: 'api.example.com',
    path: '/v1/orders',
    query: '?token=secret',
    version: '1.1',
    headers: headersOf(['User-Agent', 'curl/8.5.0']),
    body: null,
    client,
    peer: client,
    fromTrustedProxy: false,
    clientCertificate: null,
    arrival: {
      listener: 'public',
      scheme: 'https',
      port: 443,
      bodyBytes: 1024,
      forwardedClientCert: false,
      forwardsClientCert: false,
    },
    upgrade: '',
    inform: () => {},
    memo: { forwarding: null, logged: null },
    startedAtMs: 1000,
    ...fields,
  });
  Object.assign(exchange.record, { route: 'orders', service: 'orders-api', status: 200, ...record });
  return exchange;
}
