import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainSource, readConfig, type GatewayDocument } from './config.ts';

const SITE: GatewayDocument = {
  listeners: { web: { address: ':80' } },
  services: { orders: { endpoints: ['http://127.0.0.1:1'] } },
  routes: { buy: { match: { path: '/buy' }, service: 'orders' } },
};
const URL = 'https://hooks.example.com/x';
const BUY = { route: 'buy', slo: '99.9%' };
const LIMIT = { metric: 'turnpike_service_waiting', above: 10 };

function read(...alerts: readonly object[]) {
  return readConfig([plainSource('/etc/gateway.yaml', { ...SITE, telemetry: { alerts } as never })]);
}

function alertsOf(...alerts: readonly object[]) {
  const { config, issues } = read(...alerts);
  assert.deepEqual(issues, []);
  assert.ok(config !== null);
  return config.telemetry.alerts;
}

describe('alerts', () => {
  it('are objectives of routes and services', () => {
    const [first, second] = alertsOf(
      { name: 'a', when: BUY, notify: URL },
      {
        name: 'b',
        when: { service: 'orders', slo: '99%', window: '28d', latency: '300ms' },
        notify: URL,
        severity: 'page',
      },
    );
    assert.deepEqual(first, {
      name: 'a',
      when: {
        kind: 'objective',
        of: { kind: 'route', id: 'buy' },
        objective: 0.9990000000000001,
        windowMs: 30 * 86_400_000,
        latencyMs: null,
      },
      severity: null,
      webhook: { shape: 'generic', secret: URL, key: null },
      silence: [],
    });
    assert.deepEqual(second?.when, {
      kind: 'objective',
      of: { kind: 'service', id: 'orders' },
      objective: 0.99,
      windowMs: 28 * 86_400_000,
      latencyMs: 300,
    });
    assert.equal(second.severity, 'page');
  });

  it('are bounds of metrics', () => {
    const [alert] = alertsOf({
      name: 'a',
      when: { ...LIMIT, labels: { service: 'orders' }, for: '5m' },
      notify: { url: URL, shape: 'pagerduty', key: 'k' },
      silence: [{ from: '2027-01-01', to: '2027-01-01T06:00:00Z' }],
    });
    assert.deepEqual(alert?.when, {
      kind: 'threshold',
      metric: 'turnpike_service_waiting',
      type: 'gauge',
      labels: [{ name: 'service', value: 'orders' }],
      bound: { side: 'above', value: 10 },
      forMs: 300_000,
    });
    assert.equal(alert.severity, 'page');
    assert.deepEqual(alert.webhook, { shape: 'pagerduty', secret: URL, key: 'k' });
    const fromMs = Date.UTC(2027, 0, 1);
    assert.deepEqual(alert.silence, [{ fromMs, toMs: fromMs + 6 * 3_600_000 }]);
  });

  const faults: readonly [string, object, code: string, pointer: string][] = [
    ['of a route that does not exist', { when: { ...BUY, route: 'bye' } }, 'UNKNOWN_NAME', '/when/route'],
    [
      'of a service that does not exist',
      { when: { service: 'oders', slo: '99.9%' } },
      'UNKNOWN_NAME',
      '/when/service',
    ],
    ['of a route and a service', { when: { ...BUY, service: 'orders' } }, 'CONFLICT', '/when'],
    ['of nothing', { when: { slo: '99.9%' } }, 'CONFLICT', '/when'],
    ['without a budget', { when: { ...BUY, slo: '100%' } }, 'CONFLICT', '/when/slo'],
    ['that can never page', { when: { ...BUY, slo: '90%' } }, 'CONFLICT', '/when/slo'],
    ['over too short a time', { when: { ...BUY, window: '1d' } }, 'OUT_OF_RANGE', '/when/window'],
    [
      'with a latency beyond all buckets',
      { when: { ...BUY, latency: '11s' } },
      'OUT_OF_RANGE',
      '/when/latency',
    ],
    [
      'of a metric that does not exist',
      { when: { ...LIMIT, metric: 'turnpike_service_wating' } },
      'UNKNOWN_NAME',
      '/when/metric',
    ],
    [
      'of a histogram',
      { when: { ...LIMIT, metric: 'turnpike_request_duration_seconds' } },
      'CONFLICT',
      '/when/metric',
    ],
    [
      'of a label that does not exist',
      { when: { ...LIMIT, labels: { servise: 'a' } } },
      'UNKNOWN_NAME',
      '/when/labels/servise',
    ],
    [
      'of a value that a label cannot have',
      { when: { metric: 'turnpike_requests_total', labels: { code: '5XX' }, above: 1 } },
      'UNKNOWN_NAME',
      '/when/labels/code',
    ],
    ['with two bounds', { when: { ...LIMIT, below: 1 } }, 'CONFLICT', '/when'],
    ['without a bound', { when: { metric: LIMIT.metric } }, 'CONFLICT', '/when'],
    ['for PagerDuty without a key', { notify: { url: URL, shape: 'pagerduty' } }, 'CONFLICT', '/notify'],
    ['with a key for nobody', { notify: { url: URL, shape: 'slack', key: 'k' } }, 'CONFLICT', '/notify/key'],
    ['for no address', { notify: 'hooks' }, 'BAD_VALUE', '/notify'],
    [
      'with a silence that ends before it begins',
      { silence: [{ from: '2027-01-02', to: '2027-01-01' }] },
      'CONFLICT',
      '/silence/0',
    ],
  ];
  for (const [what, change, code, pointer] of faults) {
    it(`are refused ${what}`, () => {
      const { config, issues } = read({ name: 'a', when: BUY, notify: URL, ...change });
      assert.equal(config, null);
      assert.deepEqual(
        issues.map((issue) => [issue.code, issue.pointer]),
        [[code, `/telemetry/alerts/0${pointer}`]],
      );
    });
  }

  it('are refused with the name of another', () => {
    const alert = { name: 'a', when: BUY, notify: URL };
    const { issues } = read(alert, alert);
    assert.deepEqual(
      issues.map(({ code, pointer }) => [code, pointer]),
      [['DUPLICATE_ENTRY', '/telemetry/alerts/1/name']],
    );
  });

  it('show no address in a message', () => {
    const { issues } = read({ name: 'a', when: BUY, notify: 'hidden' });
    assert.doesNotMatch(issues[0]?.message ?? '', /hidden/);
  });
});
