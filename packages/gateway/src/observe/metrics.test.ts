import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { cacheCounts } from './cache-counts.ts';
import { CATALOGUE } from './catalogue.ts';
import { DEFAULT_CAPACITY, metricsBuffer } from './metric-memory.ts';
import { ThreadMetrics } from './metrics.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import type { ExchangeRecord } from '../core/exchange.ts';
import { exposition } from './prometheus.ts';

function valueOf(buffer: SharedArrayBuffer | SharedArrayBuffer[], series: string): number | undefined {
  const threads = [buffer].flat().map((buffer, i) => ({ thread: String(i), buffer }));
  const line = exposition(threads, null)
    .split('\n')
    .find((line) => line.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** Of an exchange that came to no service, unless it says otherwise. */
function recordOf(record: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return exchangeFrom({}, { service: '', ...record }).record;
}

describe('the metrics of a route', () => {
  it('count everything about an exchange', () => {
    const buffer = metricsBuffer();
    const metrics = new ThreadMetrics(buffer);
    const route = metrics.route('orders', 'orders-api');
    route.begin();
    route.begin();
    const counts = {
      attempts: 3,
      requestBytes: 7,
      responseBytes: 1100,
      upstreamMs: 20,
      repliedMs: 32,
      status: 503,
    };
    route.record(exchangeFrom({}, { ...counts, code: 'UPSTREAM_RESET' }).record, 40);
    for (const [series, expected] of [
      ['turnpike_requests_total{route="orders",service="orders-api",code="5xx"}', 1],
      ['turnpike_requests_total{route="orders",service="orders-api",code="2xx"}', undefined],
      ['turnpike_requests_in_flight{route="orders",service="orders-api"}', 1],
      ['turnpike_request_bytes_total{route="orders"}', 7],
      ['turnpike_response_bytes_total{route="orders"}', 1100],
      ['turnpike_added_latency_seconds_sum{service="orders-api"}', 0.012],
      ['turnpike_upstream_request_size_bytes_bucket{service="orders-api",le="100"}', 1],
      ['turnpike_upstream_response_size_bytes_bucket{service="orders-api",le="1000"}', 0],
      ['turnpike_upstream_response_size_bytes_bucket{service="orders-api",le="10000"}', 1],
      ['turnpike_request_duration_seconds_bucket{route="orders",le="0.025"}', 0],
      ['turnpike_request_duration_seconds_bucket{route="orders",le="0.05"}', 1],
      ['turnpike_request_duration_seconds_sum{route="orders"}', 0.04],
      ['turnpike_upstream_duration_seconds_count{service="orders-api"}', 1],
      ['turnpike_upstream_attempts_total{service="orders-api",outcome="retried"}', 2],
      ['turnpike_upstream_attempts_total{service="orders-api",outcome="failed"}', 1],
      ['turnpike_errors_total{code="UPSTREAM_RESET"}', 1],
    ] as const) {
      assert.equal(valueOf(buffer, series), expected, series);
    }
  });

  for (const [status, code] of [
    [0, 'none'],
    [101, '1xx'],
    [204, '2xx'],
    [599, '5xx'],
    [600, 'none'],
  ] as const) {
    it(`count ${status} as ${code}`, () => {
      const buffer = metricsBuffer();
      new ThreadMetrics(buffer).route('r', 's').record(recordOf({ status }), 1);
      assert.equal(valueOf(buffer, `turnpike_requests_total{route="r",service="s",code="${code}"}`), 1);
    });
  }

  for (const [code, outcome] of [
    ['', 'answered'],
    ['UPSTREAM_TIMEOUT', 'failed'],
    ['CLIENT_CLOSED', 'abandoned'],
  ] as const) {
    it(`take an attempt that ends with '${code}' for ${outcome}`, () => {
      const buffer = metricsBuffer();
      new ThreadMetrics(buffer).route('r', 's').record(recordOf({ code, attempts: 1 }), 1);
      assert.equal(valueOf(buffer, `turnpike_upstream_attempts_total{service="s",outcome="${outcome}"}`), 1);
    });
  }

  it('count what the cache did, and the bytes that came from memory', () => {
    const buffer = metricsBuffer();
    const route = new ThreadMetrics(buffer).route('r', 's');
    for (const cache of ['hit', 'hit', 'coalesced', 'revalidated', 'stale', 'miss', 'pass'] as const)
      route.record(recordOf({ cache, responseBytes: 10 }), 1);
    const results = ['hit', 'stale', 'revalidated', 'miss', 'coalesced', 'pass'].map((result) =>
      valueOf(buffer, `turnpike_cache_requests_total{route="r",result="${result}"}`),
    );
    assert.deepEqual(results, [2, 1, 1, 1, 1, 1]);
    assert.equal(valueOf(buffer, 'turnpike_cache_bytes_served_total{route="r"}'), 50);
    const counts = cacheCounts([buffer, buffer].map((buffer, i) => ({ thread: String(i), buffer })));
    assert.deepEqual([counts('r').results.hit, counts('r').bytesServed], [4, 100]);
    assert.deepEqual([counts('other').results.hit, counts('other').bytesServed], [0, 0]);
  });

  it('count nothing of a cache where there is none', () => {
    const buffer = metricsBuffer();
    new ThreadMetrics(buffer).route('r', 's').record(recordOf(), 1);
    assert.equal(valueOf(buffer, 'turnpike_cache_requests_total{route="r",result="pass"}'), undefined);
  });

  it('count an exchange for the service that it went to, and under way with the first of the route', () => {
    const buffer = metricsBuffer();
    const route = new ThreadMetrics(buffer).route('r', 'first');
    for (const service of ['first', 'other', 'other', '']) {
      route.begin();
      route.record(recordOf({ service, attempts: 1, status: 200 }), 1);
    }
    for (const [series, expected] of [
      ['turnpike_requests_total{route="r",service="first",code="2xx"}', 2],
      ['turnpike_requests_total{route="r",service="other",code="2xx"}', 2],
      ['turnpike_upstream_attempts_total{service="other",outcome="answered"}', 2],
      ['turnpike_requests_in_flight{route="r",service="first"}', 0],
      ['turnpike_request_duration_seconds_count{route="r"}', 4],
    ] as const) {
      assert.equal(valueOf(buffer, series), expected, series);
    }
  });

  it('take a service that a fallback stood in for as failed', () => {
    const buffer = metricsBuffer();
    const route = new ThreadMetrics(buffer).route('r', 's');
    route.record(recordOf({ attempts: 1, status: 200, fallbackFor: 'CONNECT_FAILED' }), 1);
    assert.equal(valueOf(buffer, 'turnpike_upstream_attempts_total{service="s",outcome="failed"}'), 1);
  });

  it('take no room before the first exchange', () => {
    const buffer = metricsBuffer();
    new ThreadMetrics(buffer).route('idle', 'idle');
    assert.equal(exposition([{ thread: '1', buffer }], null), '');
  });

  it('name what matched no route', () => {
    const buffer = metricsBuffer();
    new ThreadMetrics(buffer).route('', '').record(recordOf({ status: 404, code: 'NO_ROUTE' }), 1);
    assert.equal(valueOf(buffer, 'turnpike_requests_total{route="__none__",service="",code="4xx"}'), 1);
  });
});

describe('the memory of metrics', () => {
  it('is less than 14 MiB and has room for 10,000 routes', () => {
    const buffer = metricsBuffer();
    assert.ok(buffer.byteLength <= 14 * 1024 * 1024);
    const metrics = new ThreadMetrics(buffer);
    const record = recordOf({ attempts: 1, upstreamMs: 1 });
    for (let i = 0; i < 10_000; i++) metrics.route(`route-${i}`, `service-${i % 1000}`).record(record, 1);
    assert.doesNotMatch(exposition([{ thread: '1', buffer }], null), /__overflow__/);
  });

  for (const [what, capacity] of [
    ['rows', { ...DEFAULT_CAPACITY, rows: 80 }],
    ['slots', { ...DEFAULT_CAPACITY, slots: 900 }],
    ['text', { ...DEFAULT_CAPACITY, textBytes: 2000 }],
  ] as const) {
    it(`counts under __overflow__ what has no room, when ${what} run out`, () => {
      const buffer = metricsBuffer(capacity);
      const metrics = new ThreadMetrics(buffer);
      const record = recordOf({ attempts: 1, upstreamMs: 1 });
      for (let i = 0; i < 200; i++) {
        const route = metrics.route(`route-${i}`, `service-${i}`);
        route.begin();
        route.record(record, 1);
      }
      metrics.counter('turnpike_connections_accepted_total', { listener: 'late' }).add(2);
      const text = exposition([{ thread: '1', buffer }], null);
      const counts = [...text.matchAll(/^turnpike_requests_total\{.*\} (\d+)$/gm)].map((match) =>
        Number(match[1]),
      );
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        200,
      );
      assert.ok(counts.length < 60);
      assert.match(
        text,
        /^turnpike_requests_total\{route="__overflow__",service="__overflow__",code="2xx"\} \d+$/m,
      );
      assert.match(text, /^turnpike_requests_in_flight\{route="__overflow__",service="__overflow__"\} 0$/m);
      assert.match(text, /^turnpike_connections_accepted_total\{listener="__overflow__"\} 2$/m);
    });
  }

  it('keeps room for the overflow of every metric', () => {
    const buffer = metricsBuffer({ rows: 24, slots: 300, octaves: 0, textBytes: 2000, exemplars: 0 });
    const metrics = new ThreadMetrics(buffer);
    const record = recordOf({ attempts: 1, upstreamMs: 1, code: 'INTERNAL' });
    for (let i = 0; i < 100; i++) metrics.route(`${i}`, `${i}`).record(record, 1);
    for (let i = 0; i < 100; i++) metrics.gauge('turnpike_build_info', { version: `${i}`, node: '' }).set(1);
  });

  it('counts a name without end as overflow', () => {
    const buffer = metricsBuffer();
    new ThreadMetrics(buffer).route('r'.repeat(5000), 's').record(recordOf(), 1);
    assert.match(exposition([{ thread: '1', buffer }], null), /route="__overflow__"/);
  });

  it('lets a thread that replaces another go on counting, with gauges at zero', () => {
    const buffer = metricsBuffer();
    const first = new ThreadMetrics(buffer);
    const record = recordOf();
    first.route('r', 's').begin();
    first.route('r', 's').record(record, 1);
    first.route('r', 's').begin(); // dies with it
    first.gauge('turnpike_upstream_connections', { service: 's', state: 'idle' }).set(5);

    const second = new ThreadMetrics(buffer);
    second.route('r', 's').begin();
    second.route('r', 's').record(record, 1);
    second.route('new', 's').record(record, 1);
    assert.equal(valueOf(buffer, 'turnpike_requests_total{route="r",service="s",code="2xx"}'), 2);
    assert.equal(valueOf(buffer, 'turnpike_requests_total{route="new",service="s",code="2xx"}'), 1);
    assert.equal(valueOf(buffer, 'turnpike_requests_in_flight{route="r",service="s"}'), 0);
    assert.equal(valueOf(buffer, 'turnpike_upstream_connections{service="s",state="idle"}'), 0);
  });

  it('is shared between threads, and outlives them', async () => {
    const buffers = [metricsBuffer(), metricsBuffer()];
    await Promise.all(buffers.map((buffer) => countingThread(buffer)));
    await countingThread(buffers[0] ?? metricsBuffer()); // replaces the first
    assert.equal(valueOf(buffers, 'turnpike_requests_total{route="r",service="s",code="2xx"}'), 3000);
    assert.equal(valueOf(buffers, 'turnpike_request_duration_seconds_count{route="r"}'), 3000);
    assert.equal(valueOf(buffers, 'turnpike_requests_in_flight{route="r",service="s"}'), 0);
  });
});

describe('the types', () => {
  it('admit no metric, label or value that the catalogue does not have', () => {
    const metrics = new ThreadMetrics(metricsBuffer());
    // @ts-expect-error: there is no such metric
    assert.throws(() => metrics.counter('turnpike_typos_total', {}));
    // @ts-expect-error: this one is a counter
    metrics.gauge('turnpike_thread_restarts_total', {});
    // @ts-expect-error: there is no such label
    metrics.counter('turnpike_config_reloads_total', { outcome: 'success' });
    // @ts-expect-error: there is no such result
    metrics.counter('turnpike_config_reloads_total', { result: 'partly' });
    metrics.counter('turnpike_config_reloads_total', { result: 'failure' });
  });
});

describe('the catalogue', () => {
  for (const [name, kind] of Object.entries(CATALOGUE)) {
    it(`follows the conventions of Prometheus with ${name}`, () => {
      assert.match(name, /^(turnpike|process)_[a-z0-9_]+$/);
      assert.equal(name.endsWith('_total'), kind.type === 'counter');
      const closed = Object.values(kind.labels).map((values) => typeof values !== 'string');
      assert.ok(closed.indexOf(true) === -1 || closed.indexOf(true) === closed.length - 1);
      assert.ok(kind.type !== 'histogram' || !closed.includes(true));
    });
  }
});

function countingThread(buffer: SharedArrayBuffer): Promise<void> {
  const program = `
    const { workerData: buffer } = require('node:worker_threads');
    const load = (name) => import(new URL(name, ${JSON.stringify(import.meta.url)}).href);
    Promise.all([load('./metrics.ts'), load('../core/exchange-testing.ts')]).then(([{ ThreadMetrics }, { exchangeFrom }]) => {
      const route = new ThreadMetrics(buffer).route('r', 's');
      const { record } = exchangeFrom({}, { service: 's' });
      for (let i = 0; i < 1000; i++) {
        route.begin();
        route.record(record, i);
      }
    });`;
  const worker = new Worker(program, { eval: true, workerData: buffer });
  return new Promise((resolve, reject) => worker.once('exit', () => resolve()).once('error', reject));
}
