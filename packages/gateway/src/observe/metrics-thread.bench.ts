// A thread that counts, for metrics.bench.ts.
import { parentPort, workerData } from 'node:worker_threads';
import type { ExchangeRecord } from '../core/exchange.ts';
import { ThreadMetrics } from './metrics.ts';

const { buffer, RECORD } = workerData as { buffer: SharedArrayBuffer; RECORD: ExchangeRecord };
const metrics = new ThreadMetrics(buffer);
const routes = Array.from({ length: 10_000 }, (_, i) => metrics.route(`route-${i}`, `service-${i % 1000}`));

parentPort?.on('message', () => {
  const times: number[] = [];
  for (let batch = 0; batch < 5000; batch++) {
    const startMs = performance.now();
    for (let i = 0; i < 1000; i++) {
      const route = routes[(batch * 1000 + i * 7) % routes.length];
      route?.begin();
      route?.record({ ...RECORD, service: '' }, 2 ** (i % 10));
    }
    times.push(performance.now() - startMs);
  }
  parentPort?.postMessage(times, []);
});
