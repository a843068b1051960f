import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alertWith, BOUND, HOUR_MS, MINUTE_MS, OBJECTIVE, watched } from './alerts-testing.ts';
import { burnRules } from './burn-rates.ts';

describe('burn rates', () => {
  it('are those of the workbook over 30 days', () => {
    const rules = burnRules(OBJECTIVE, null).map(({ severity, factor, longMs, shortMs }) => {
      return [severity, factor, longMs / MINUTE_MS, shortMs / MINUTE_MS];
    });
    assert.deepEqual(rules, [
      ['page', 14.4, 60, 5],
      ['page', 6, 360, 30],
      ['ticket', 1, 4320, 360],
    ]);
  });

  it('stand for the same part of the budget over other times, and are never below 1', () => {
    const factors = (windowMs: number) => burnRules({ windowMs }, null).map(({ factor }) => factor);
    assert.deepEqual(factors(1440 * HOUR_MS), [28.8, 12, 2]);
    assert.deepEqual(factors(168 * HOUR_MS), [3.36, 1.4, 1]);
  });
});

describe('an objective', () => {
  it('pages soon when a lot fails, and is over soon after it has ended', () => {
    const { serve, told } = watched(alertWith({ severity: 'page' }));
    serve(360, 1000, 0);
    assert.deepEqual(told, []);
    // 10 % fail, a hundred times what may. 14.4 times the budget of an hour are used up after nine minutes.
    serve(8, 1000, 100);
    assert.deepEqual(told, []);
    serve(4, 1000, 100);
    assert.deepEqual(told, ['firing page']);
    serve(30, 1000, 100);
    assert.deepEqual(told, ['firing page'], 'once');
    serve(90, 1000, 0);
    assert.deepEqual(told, ['firing page', 'resolved page']);
  });

  it('pages later when less fails', () => {
    const { serve, told } = watched(alertWith({ severity: 'page' }));
    serve(360, 1000, 0);
    serve(270, 1000, 8);
    assert.deepEqual(told, [], 'eight times, which is not enough in an hour');
    serve(10, 1000, 8);
    assert.deepEqual(told, ['firing page']);
  });

  it('makes a ticket of what burns slowly, and pages when it becomes worse', () => {
    const { serve, told } = watched(alertWith({}));
    serve(72 * 60, 1000, 0);
    serve(71 * 60, 1000, 1.005);
    assert.deepEqual(told, []);
    serve(3 * 60, 1000, 1.2);
    assert.deepEqual(told, ['firing ticket']);
    serve(30, 1000, 500);
    assert.deepEqual(told, ['firing ticket', 'firing page']);
    serve(7 * 60, 1000, 0);
    assert.deepEqual(told, ['firing ticket', 'firing page', 'resolved page']);
  });

  it('never fires within its budget, nor without requests', () => {
    const { serve, told, book } = watched(alertWith({}));
    serve(30, 0, 0);
    serve(24 * 60, 10_000, 9);
    assert.deepEqual(told, []);
    assert.equal(book.views[0]?.state, 'quiet');
  });

  it('does not count what was before it, other routes, and clients that left', () => {
    const other = watched(alertWith({ when: { ...OBJECTIVE, of: { kind: 'route', id: 'uy' } } }));
    other.serve(60, 100, 100);
    assert.deepEqual(other.told, []);

    const left = watched(alertWith({}));
    const labels = { route: 'buy', service: 'orders', code: 'none' } as const;
    left.metrics.counter('turnpike_requests_total', labels).add(1e6);
    left.serve(10, 100, 2);
    assert.equal(left.view?.value, 20);
  });

  it('counts a service over all of its routes', () => {
    const { serve, told } = watched(
      alertWith({ when: { ...OBJECTIVE, of: { kind: 'service', id: 'orders' } } }),
    );
    serve(10, 100, 50);
    assert.deepEqual(told, ['firing page']);
  });

  it('counts what is slower than it should be, between two buckets in parts', () => {
    const when = { ...OBJECTIVE, objective: 0.9, latencyMs: 375 };
    const { metrics, serve, book } = watched(alertWith({ when, severity: 'ticket' }));
    const duration = metrics.histogram('turnpike_request_duration_seconds', { route: 'buy' });
    for (let i = 0; i < 60; i++) duration.observe(0.1);
    for (let i = 0; i < 40; i++) duration.observe(0.4);
    serve(1, 0, 0);
    // Half of the bucket from 250 to 500 ms counts as slow: 20 of 100, where 10 may be.
    assert.equal(book.views[0]?.value, 2);
    assert.equal(book.views[0].state, 'firing');
  });

  it('remembers what it saw before time stood still', () => {
    const { clock, serve, told } = watched(alertWith({}));
    serve(10, 1000, 0);
    clock.advance(20 * HOUR_MS);
    serve(5, 1000, 500);
    assert.deepEqual(told, ['firing page']);
  });
});

describe('a bound', () => {
  const alert = alertWith({ when: BOUND, severity: 'page' });

  it('fires when it was passed for long enough, and is over when it was not for a while', () => {
    const { metrics, serve, told, book } = watched(alert);
    const state = () => book.views[0]?.state;
    const revision = metrics.gauge('turnpike_config_revision', {});
    revision.set(6);
    serve(0.25, 0, 0);
    assert.equal(state(), 'pending');
    serve(1, 0, 0);
    assert.equal(state(), 'firing');
    revision.set(5);
    serve(1, 0, 0);
    assert.equal(state(), 'firing');
    serve(2, 0, 0);
    assert.equal(state(), 'quiet');
    assert.deepEqual(told, ['firing page', 'resolved page']);
  });

  it('says nothing of what comes and goes', () => {
    const { metrics, serve, told } = watched(alert);
    const revision = metrics.gauge('turnpike_config_revision', {});
    for (let i = 0; i < 20; i++) {
      revision.set(i % 2 === 0 ? 6 : 5);
      serve(0.5, 0, 0);
    }
    assert.deepEqual(told, []);
  });

  it('looks at the rate of a counter, with the labels that are named', () => {
    const labels = [
      { name: 'route', value: 'buy' },
      { name: 'code', value: '5xx' },
    ];
    const metric = { metric: 'turnpike_requests_total', type: 'counter', labels } as const;
    const bound = { side: 'above', value: 1 } as const;
    const { serve, book, told } = watched(
      alertWith({ when: { ...BOUND, ...metric, bound }, severity: 'ticket' }),
    );
    serve(10, 6000, 30);
    assert.equal(book.views[0]?.value, 0.5);
    serve(10, 6000, 90);
    assert.equal(book.views[0]?.value, 1.5);
    assert.deepEqual(told, ['firing ticket']);
  });

  it('below looks at the smallest of all series', () => {
    const when = {
      ...BOUND,
      metric: 'turnpike_service_endpoints',
      labels: [{ name: 'state', value: 'up' }],
      bound: { side: 'below', value: 2 },
    } as const;
    const { metrics, serve, book } = watched(alertWith({ when, severity: 'page' }));
    serve(5, 0, 0);
    assert.equal(book.views[0]?.state, 'quiet', 'there is none');
    metrics.gauge('turnpike_service_endpoints', { service: 'a', state: 'up' }).set(3);
    metrics.gauge('turnpike_service_endpoints', { service: 'b', state: 'up' }).set(1);
    serve(2, 0, 0);
    assert.equal(book.views[0]?.value, 1);
    assert.equal(book.views[0]?.state, 'firing');
  });
});

describe('an alert', () => {
  const alert = alertWith({ when: { ...BOUND, forMs: 0 }, severity: 'page' });

  it('tells nothing while it is silenced, and then what still is so', () => {
    const fromMs = 1_700_000_000_000;
    const silence = [{ fromMs, toMs: fromMs + HOUR_MS }];
    const { metrics, serve, told, book } = watched({ ...alert, silence });
    const revision = metrics.gauge('turnpike_config_revision', {});
    revision.set(6);
    serve(5, 0, 0);
    assert.equal(book.views[0]?.state, 'silenced');
    revision.set(0);
    serve(5, 0, 0);
    revision.set(6);
    serve(49, 0, 0);
    assert.deepEqual(told, []);
    serve(1, 0, 0);
    assert.deepEqual(told, ['firing page']);
  });

  it('goes on after a reload that leaves it as it is, and ends when it is gone', () => {
    const { metrics, serve, told, book } = watched(alert);
    metrics.gauge('turnpike_config_revision', {}).set(6);
    serve(1, 0, 0);
    book.use([structuredClone(alert)]);
    serve(1, 0, 0);
    assert.deepEqual(told, ['firing page']);
    book.use([]);
    assert.deepEqual(told, ['firing page', 'resolved page']);
    assert.deepEqual(book.views, []);
  });

  it('is a metric', () => {
    const { metrics, serve, book } = watched(alert);
    metrics.gauge('turnpike_config_revision', {}).set(6);
    serve(1, 0, 0);
    assert.deepEqual(book.readings, [
      { name: 'turnpike_alerts', labels: { alert: 'orders' }, values: [0, 0, 1, 0] },
    ]);
  });
});
