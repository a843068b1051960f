import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { exchangeFrom } from '../core/exchange-testing.ts';
import type { LostAttempt } from '../core/exchange.ts';
import { headersOf } from '../core/headers.ts';
import { callerOf } from '../core/identity-testing.ts';
import { ecsLines } from './ecs-line.ts';
import { assertEcs } from './ecs-testing.ts';
import { MAX_LINE_BYTES } from './line-parts.ts';
import { hostileExchange, manyFields, utmostExchange } from './log-lines-testing.ts';
import { timeTexts } from './log-time.ts';
import type { OwnField } from './own-fields.ts';

const lines = (own: readonly OwnField[] | null = null) =>
  ecsLines({ timeText: timeTexts(() => 0), ownFieldsOf: own === null ? null : () => own });

describe('a line in Elastic Common Schema', () => {
  it('tells everything about an exchange but the query', () => {
    const record = {
      endpoint: '10.0.0.1:8080',
      attempts: 2,
      requestBytes: 3,
      responseBytes: 45,
      upstreamMs: 1.5,
    };
    const exchange = exchangeFrom(
      {},
      { ...record, picked: 'adaptive', reused: true, code: 'UPSTREAM_RESET' },
    );
    exchange.identity = callerOf({ subject: 'ann', consumer: 'acme' });
    const document = JSON.parse(lines()(exchange, 1012.3456, 0.1));
    assertEcs(document);
    assert.deepEqual(document, {
      '@timestamp': '1970-01-01T00:00:01.012Z',
      ecs: { version: '9.4.0' },
      event: {
        kind: 'event',
        category: ['web'],
        type: ['access'],
        dataset: 'turnpike.access',
        outcome: 'failure',
        duration: 12_346_000,
      },
      http: {
        version: '1.1',
        request: { id: 'r-1', method: 'GET', body: { bytes: 3 } },
        response: { status_code: 200, body: { bytes: 45 } },
      },
      source: { address: '203.0.113.9', ip: '203.0.113.9' },
      user_agent: { original: 'curl/8.5.0' },
      url: { scheme: 'https', domain: 'api.example.com', path: '/v1/orders' },
      user: { id: 'ann' },
      error: { code: 'UPSTREAM_RESET' },
      destination: { address: '10.0.0.1', ip: '10.0.0.1', port: 8080 },
      turnpike: {
        route: 'orders',
        service: 'orders-api',
        picked: 'adaptive',
        attempts: 2,
        upstream_ms: 1.5,
        reused: true,
        consumer: 'acme',
        sample_rate: 0.1,
      },
    });
  });

  it('leaves out what there is not', () => {
    const document = JSON.parse(lines()(exchangeFrom({ headers: headersOf() }), 1000, 0));
    assertEcs(document);
    for (const name of ['user_agent', 'user', 'error', 'destination', 'labels'])
      assert.ok(!(name in document), name);
    assert.deepEqual(Object.keys(document.turnpike), ['route', 'service', 'attempts', 'reused']);
  });

  const endpoints = [
    ['[::1]:80', { address: '::1', ip: '::1', port: 80 }],
    ['orders.internal:443', { address: 'orders.internal', domain: 'orders.internal', port: 443 }],
    ['odd', { address: 'odd' }],
  ] as const;
  for (const [endpoint, expected] of endpoints) {
    it(`reads ${endpoint} as a destination`, () => {
      const document = JSON.parse(lines()(exchangeFrom({}, { endpoint, route: endpoint }), 1000, 0));
      assertEcs(document);
      assert.deepEqual(document.destination, expected);
    });
  }

  const outcomes = [
    [200, '', 'success'],
    [304, '', 'success'],
    [404, '', 'failure'],
    [200, 'UPSTREAM_INCOMPLETE', 'failure'],
    [0, '', 'unknown'],
  ] as const;
  for (const [status, code, outcome] of outcomes) {
    it(`says ${outcome} of ${status} ${code}`, () => {
      assert.equal(JSON.parse(lines()(exchangeFrom({}, { status, code }), 1, 0)).event.outcome, outcome);
    });
  }

  it('tells of the attempts that did not give the answer, whose outcomes are all texts', () => {
    const lost: LostAttempt[] = [
      { endpoint: '10.0.0.1:80', picked: 'adaptive', outcome: 503, durationMs: 1.5, next: 'retry' },
      { endpoint: '10.0.0.2:80', picked: 'hash', outcome: 'UPSTREAM_RESET', durationMs: 2, next: 'stale' },
    ];
    const document = JSON.parse(
      lines()(exchangeFrom({}, { lost, unretried: 'budget', hedge: 'failed' }), 1, 0),
    );
    assertEcs(document);
    const { unretried, hedge, lost: told } = document.turnpike;
    assert.deepEqual([unretried, hedge], ['budget', 'failed']);
    assert.deepEqual(
      told.map(({ outcome }: { outcome: unknown }) => outcome),
      ['503', 'UPSTREAM_RESET'],
    );
    assert.equal(told[0].duration_ms, 1.5);
  });

  it('has own fields as labels, which are texts, and leaves out those without a value', () => {
    const own: OwnField[] = [
      { name: 'tenant', read: () => 'a"b\n' },
      { name: 'seats', read: () => 3 },
      { name: 'beta', read: () => true },
      { name: 'none', read: () => null },
    ];
    const document = JSON.parse(lines(own)(exchangeFrom(), 1000, 0));
    assertEcs(document);
    assert.deepEqual(document.labels, { tenant: 'a"b\n', seats: '3', beta: 'true' });
  });

  it('is one line of ASCII JSON that a pipe takes whole, whatever clients send', () => {
    fc.assert(
      fc.property(hostileExchange, (exchange) => {
        const line = lines(manyFields(exchange.path))(exchange, 1e15, 0.5);
        assert.match(line, /^[ -~]+\n$/);
        assert.ok(line.length <= MAX_LINE_BYTES, String(line.length));
        assertEcs(JSON.parse(line));
      }),
    );
  });

  it('stays below the limit when every field is hostile to the utmost', () => {
    const line = lines(manyFields('\u0001'.repeat(1000)))(utmostExchange(), 1e15, 0.123456789);
    assert.ok(line.length <= MAX_LINE_BYTES, String(line.length));
    assert.ok(JSON.parse(line).url.path.length >= 8);
  });
});
