import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { exchangeFrom } from '../core/exchange-testing.ts';
import type { Exchange } from '../core/exchange.ts';
import { callerOf } from '../core/identity-testing.ts';
import { hostileExchange, utmostExchange } from './log-lines-testing.ts';
import { openOtlpLog, type OtlpLogOptions } from './otlp-log.ts';
import { exportRequest } from './otlp/export-request.ts';
import { OtlpOutbox } from './otlp/otlp-outbox.ts';
import { decodeExport, plain } from './otlp/otlp-testing.ts';

/** What a collector gets of one exchange. */
function recordsOf(exchange: Exchange, options: Partial<OtlpLogOptions> = {}) {
  const batches: Uint8Array[] = [];
  const outbox = new OtlpOutbox('logs', {
    hand: ({ bytes }) => void batches.push(bytes),
    dropped: () => assert.fail(),
    flushAfter: () => {},
  });
  const clock = { now: () => 0, epoch: () => 1_700_000_000_000 };
  const log = openOtlpLog({ outbox, clock, ownFieldsOf: null, sample: null, ...options });
  log.record(exchange, 1012);
  void log.close();
  const request = exportRequest(
    batches.map((bytes) => ({ bytes })),
    { resource: [], version: '1' },
  );
  return batches.length === 0 ? [] : decodeExport('logs', request).items;
}

it('makes a log record with the names of OpenTelemetry', () => {
  const record = {
    endpoint: '10.0.0.1:80',
    attempts: 1,
    requestBytes: 3,
    responseBytes: 45,
    upstreamMs: 1.5,
  };
  const exchange = exchangeFrom({}, { ...record, status: 502, code: 'UPSTREAM_RESET' });
  exchange.identity = callerOf({ subject: 'ann', consumer: 'acme' });
  const [item, ...others] = recordsOf(exchange, {
    ownFieldsOf: () => [
      { name: 'tenant', read: () => 'a' },
      { name: 'seats', read: () => 3 },
      { name: 'none', read: () => null },
    ],
    sample: () => 1,
  });
  assert.ok(item !== undefined && others.length === 0);
  assert.equal(item.timeUnixNano, '1700000000000000000');
  assert.deepEqual([item.severityText, item.eventName], ['ERROR', 'turnpike.access']);
  assert.equal(item.body.stringValue, 'GET /v1/orders 502');
  assert.deepEqual(plain(item.attributes), {
    'turnpike.request.id': 'r-1',
    'http.request.method': 'GET',
    'url.scheme': 'https',
    'url.path': '/v1/orders',
    'server.address': 'api.example.com',
    'client.address': '203.0.113.9',
    'network.protocol.name': 'http',
    'network.protocol.version': '1.1',
    'http.response.status_code': 502,
    'http.request.body.size': 3,
    'http.response.body.size': 45,
    'turnpike.duration_ms': 12,
    'turnpike.route': 'orders',
    'turnpike.service': 'orders-api',
    'turnpike.attempts': 1,
    'turnpike.reused': false,
    'user_agent.original': 'curl/8.5.0',
    'enduser.id': 'ann',
    'turnpike.consumer': 'acme',
    'turnpike.endpoint': '10.0.0.1:80',
    'error.type': 'UPSTREAM_RESET',
    'turnpike.upstream_ms': 1.5,
    'turnpike.sample_rate': 1,
    tenant: 'a',
    seats: 3,
  });
});

it('makes none of what is not sampled', () => {
  assert.deepEqual(recordsOf(exchangeFrom(), { sample: () => 0 }), []);
});

it('makes records of bounded size that collectors can read, whatever clients send', () => {
  const own = (exchange: Exchange) => ({ ownFieldsOf: () => [{ name: 'path', read: () => exchange.path }] });
  const isFine = (exchange: Exchange) => {
    const [item] = recordsOf(exchange, own(exchange));
    assert.ok(item?.body.stringValue?.isWellFormed());
    assert.ok(JSON.stringify(item).length < 64_000);
  };
  fc.assert(fc.property(hostileExchange, isFine));
  isFine(utmostExchange());
});
