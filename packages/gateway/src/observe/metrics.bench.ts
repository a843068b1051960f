// What metrics cost. Run: node packages/gateway/src/observe/metrics.bench.ts
import { metricsBuffer } from './metric-memory.ts';
import { ThreadMetrics } from './metrics.ts';
import { exposition } from './prometheus.ts';

const RECORD = {
  route: 'orders',
  service: 'orders-api',
  endpoint: '10.0.3.17:8080',
  picked: 'adaptive',
  attempts: 1,
  lost: null,
  unretried: '',
  hedge: '',
  fallbackFor: null,
  status: 200,
  code: '',
  requestBytes: 0,
  responseBytes: 5321,
  upstreamMs: 3.1,
  reused: true,
  operation: '',
  grpcStatus: -1,
  closed: '',
  closeCode: 0,
  cache: '',
} as const;

function report(name: string, work: (i: number) => void): void {
  const times = 5_000_000;
  let best = Infinity;
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    for (let i = 0; i < times; i++) work(i);
    best = Math.min(best, ((performance.now() - start) * 1e6) / times);
  }
  print(`${name}: ${best.toFixed(1)} ns`);
}

const metrics = new ThreadMetrics(metricsBuffer());
const counter = metrics.counter('turnpike_connections_accepted_total', { listener: 'public' });
const gauge = metrics.gauge('turnpike_upstream_connections', { service: 'orders-api', state: 'idle' });
const histogram = metrics.histogram('turnpike_request_duration_seconds', { route: 'orders' });
const routes = Array.from({ length: 1000 }, (_, i) => metrics.route(`route-${i}`, `service-${i % 100}`));
report('counter.add', () => counter.add(1));
report('gauge.set', (i) => gauge.set(i));
report('histogram.observe', (i) => histogram.observe((i & 1023) / 1000));
report('route begin + record', (i) => {
  const route = routes[i % 1000];
  route?.begin();
  route?.record(RECORD, i & 1023);
});

for (const threads of [1, 4]) {
  const sources = Array.from({ length: threads }, (_, thread) => ({
    thread: String(thread),
    buffer: metricsBuffer(),
  }));
  for (const { buffer } of sources) {
    const own = new ThreadMetrics(buffer);
    for (let i = 0; i < 10_000; i++) {
      const route = own.route(`route-${i}`, `service-${i % 1000}`);
      route.begin();
      route.record(RECORD, i % 500);
    }
  }
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    const text = exposition(sources, null);
    const ms = performance.now() - start;
    print(
      `scrape of 10,000 routes, ${threads} threads: ${ms.toFixed(0)} ms, ${(text.length / 1e6).toFixed(1)} MB, overflow ${text.includes('__overflow__')}`,
    );
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
