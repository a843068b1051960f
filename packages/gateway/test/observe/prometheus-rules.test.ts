import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { promtoolOn, withoutPrometheus } from '@turnpike/testkit/prometheus-server';
import type { AlertConfig } from '@turnpike/config';
import { alertWith, BOUND, OBJECTIVE } from '../../src/observe/alerts/alerts-testing.ts';
import { prometheusRules } from '../../src/observe/alerts/prometheus-rules.ts';

const labels = [
  { name: 'service', value: 'a "b" \\ {{ c }}' },
  { name: 'state', value: 'up' },
];
const ALERTS: readonly AlertConfig[] = [
  alertWith({}),
  alertWith({
    name: 'only pages "quoted" {{ }}',
    severity: 'page',
    when: { ...OBJECTIVE, of: { kind: 'route', id: 'a {{ b "c"' } },
  }),
  alertWith({ name: 'latency', when: { ...OBJECTIVE, latencyMs: 300 } }),
  alertWith({ name: 'latency on a bound', when: { ...OBJECTIVE, latencyMs: 1000 } }),
  alertWith({
    name: 'longest latency',
    when: { ...OBJECTIVE, of: { kind: 'service', id: 's' }, latencyMs: 10_000 },
  }),
  alertWith({ name: 'gauge', when: { ...BOUND, metric: 'turnpike_service_endpoints', labels, forMs: 0 } }),
  alertWith({
    name: 'counter',
    when: {
      ...BOUND,
      metric: 'turnpike_requests_total',
      type: 'counter',
      bound: { side: 'below', value: 0.5 },
    },
  }),
];

describe('the rules for Prometheus', { skip: withoutPrometheus(), timeout: 60_000 }, () => {
  it('are valid, for alerts of every kind and with every character', async () => {
    const out = await promtoolOn({ 'rules.yml': prometheusRules(ALERTS) }, ['check', 'rules', 'rules.yml']);
    // Four objectives have a rule to page and one for tickets, one only the first, and two are bounds.
    assert.match(out, /SUCCESS: 11 rules found/);
  });

  it('are valid without alerts', async () => {
    const out = await promtoolOn({ 'rules.yml': prometheusRules([]) }, ['check', 'rules', 'rules.yml']);
    assert.match(out, /SUCCESS: 0 rules found/);
  });

  it('fire when the gateway itself would, and are over when it would', async () => {
    const slow = alertWith({
      name: 'slow',
      severity: 'page',
      when: { ...OBJECTIVE, objective: 0.95, latencyMs: 375 },
    });
    const gauge = alertWith({ name: 'gauge', when: BOUND, severity: 'ticket' });
    const rules = prometheusRules([alertWith({ severity: 'page' }), slow, gauge]);
    const duration = 'turnpike_request_duration_seconds';
    const firing = (alertname: string, evalTime: string, severity: string) => ({
      alertname,
      eval_time: evalTime,
      exp_alerts: severity === '' ? [] : [{ exp_labels: { severity } }],
    });
    const test = {
      rule_files: ['rules.yml'],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: [
            // As in the test of the evaluator: six hours of peace, then 10 % fail.
            { series: 'turnpike_requests_total{route="buy",code="2xx"}', values: '0+1000x360 360900+900x60' },
            { series: 'turnpike_requests_total{route="buy",code="5xx"}', values: '0+0x360 100+100x60' },
            // Half of what lies between 250 and 500 ms is slow: 80 of 100, 16 times what may be.
            { series: `${duration}_bucket{route="buy",le="0.25"}`, values: '0+0x420' },
            { series: `${duration}_bucket{route="buy",le="0.5"}`, values: '0+40x420' },
            { series: `${duration}_count{route="buy"}`, values: '0+100x420' },
            { series: 'turnpike_config_revision', values: '6x5 0x415' },
          ],
          alert_rule_test: [
            firing('orders', '367m', ''),
            firing('orders', '372m', 'page'),
            firing('slow', '10m', 'page'),
            firing('gauge', '0m', ''),
            firing('gauge', '2m', 'ticket'),
            firing('gauge', '9m', ''),
          ].map((one) => ({
            ...one,
            exp_alerts: one.exp_alerts.map((alert) => ({
              ...alert,
              exp_annotations: SUMMARIES[one.alertname],
            })),
          })),
        },
      ],
    };
    const files = { 'rules.yml': rules, 'test.yml': JSON.stringify(test) };
    assert.match(await promtoolOn(files, ['test', 'rules', 'test.yml']), /SUCCESS/);
  });
});

const SUMMARIES: Readonly<Record<string, object>> = {
  orders: { summary: 'route buy: 2% of the requests are bad, and its budget burns too fast' },
  slow: { summary: 'route buy: 80% of the requests are bad, and its budget burns too fast' },
  gauge: { summary: 'turnpike_config_revision is 6, and should not be above 5' },
};
