// What metrics cost, in processor time of this thread. Run: node packages/gateway/src/observe/metrics.bench.ts
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { metricsBuffer } from './metric-memory.ts';
import { ThreadMetrics } from './metrics.ts';
import { expositionFormat } from './negotiate-exposition.ts';
import { SeriesBook } from './series-book.ts';

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
  repliedMs: 3.2,
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
    const startMs = cpuMs();
    for (let i = 0; i < times; i++) work(i);
    best = Math.min(best, ((cpuMs() - startMs) * 1e6) / times);
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

const FROM_MEMORY = { ...RECORD, attempts: 0, upstreamMs: -1 } as const;
for (const cache of ['', 'hit'] as const) {
  const record = { ...FROM_MEMORY, cache };
  report(`route begin + record without an attempt, cache '${cache}'`, (i) => {
    const route = routes[i % 1000];
    route?.begin();
    route?.record(record, i & 1023);
  });
}

const trace = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', epochMs: 1.8e12 };
report('the same, of a sampled request', (i) => {
  const route = routes[i % 1000];
  route?.begin();
  route?.record(RECORD, i & 1023, trace);
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
      const record = { ...RECORD, service: `service-${i % 1000}` };
      for (let n = 0; n < 20; n++) {
        route.begin();
        route.record(record, 2 ** ((i + n) % 10), n === 0 ? trace : null);
      }
    }
  }
  const book = new SeriesBook();
  for (const accept of ['text/plain', 'application/openmetrics-text', 'application/vnd.google.protobuf']) {
    for (let round = 0; round < 4; round++) {
      const startMs = cpuMs();
      const { contentType, write } = expositionFormat(accept);
      const body = Buffer.from(write(book.families(sources), () => book.exemplars()));
      const ms = cpuMs() - startMs;
      const overflow = body.includes('__overflow__') ? ', OVERFLOW' : '';
      const type = contentType.split(';')[0];
      print(
        `scrape of 10,000 routes, ${threads} threads, ${type}: ${ms.toFixed(0)} ms, ${(body.length / 1e6).toFixed(1)} MB${overflow}`,
      );
    }
  }
}

/** Whatever else the machine does. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

await scrapingBesideCounting();

/** Does a thread that counts notice that another one reads? It tells how long each thousand requests took. */
async function scrapingBesideCounting(): Promise<void> {
  const buffer = metricsBuffer();
  const worker = new Worker(new URL('metrics-thread.bench.ts', import.meta.url), {
    workerData: { buffer, RECORD },
  });
  const slowest = async (): Promise<string> => {
    worker.postMessage('measure', []);
    const [times] = (await once(worker, 'message')) as [number[]];
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2);
    return `${at(0.5)} ms, 99th percentile ${at(0.99)} ms`;
  };
  await slowest(); // its code is compiled by then
  print(`1,000 requests of 10,000 routes, nobody reads: ${await slowest()}`);
  const book = new SeriesBook();
  const { write } = expositionFormat('text/plain');
  let scrapes = 0;
  const reading = setInterval(() => {
    write(book.families([{ thread: '0', buffer }]), () => book.exemplars());
    scrapes++;
  }, 1);
  print(`1,000 requests of 10,000 routes, read all the time: ${await slowest()} (${scrapes} scrapes)`);
  clearInterval(reading);
  await worker.terminate();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
