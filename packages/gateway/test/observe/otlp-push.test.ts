import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { eventually } from '@turnpike/testkit';
import { decodeExport, type DecodedMetric, type DecodedPoint } from '../../src/observe/otlp/otlp-testing.ts';
import { ask, onSite, saying } from '../threads/fixture.ts';

/** Runs a collector for one test; `received` grows with what it is sent. */
async function withCollector(
  use: (url: string, received: readonly DecodedMetric[]) => Promise<void>,
): Promise<void> {
  const received: DecodedMetric[] = [];
  const server = createServer((request, response) => {
    readMetrics(request).then(
      (metrics) => {
        received.push(...metrics);
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      },
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, received);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function readMetrics(request: IncomingMessage): Promise<readonly DecodedMetric[]> {
  assert.equal(request.url, '/v1/metrics');
  assert.equal(request.headers['content-type'], 'application/x-protobuf');
  const bytes = Buffer.concat(await request.toArray());
  const isPacked = request.headers['content-encoding'] === 'gzip';
  return decodeExport('metrics', isPacked ? gunzipSync(bytes) : bytes).items;
}

function pointOf(data: DecodedMetric['sum'], label: string, value: string): DecodedPoint | undefined {
  return data?.dataPoints.find(({ attributes }) =>
    attributes.some((attribute) => attribute.key === label && attribute.value.stringValue === value),
  );
}

/** The newest of that name. */
function newest(received: readonly DecodedMetric[], name: string): DecodedMetric | undefined {
  return received.findLast((metric) => metric.name === name);
}

function pings(received: readonly DecodedMetric[]): DecodedPoint | undefined {
  const duration = newest(received, 'turnpike_request_duration_seconds');
  return pointOf(duration?.exponentialHistogram, 'route', 'ping');
}

describe('the push of metrics', { timeout: 60_000 }, () => {
  it('brings what was counted, and once more at the end', async () => {
    await withCollector(async (otlp, received) => {
      const telemetry = { accessLog: 'off', metrics: { otlp, interval: '1s' } };
      await onSite(saying('pong', { telemetry }), async (site) => {
        const gateway = await site.start();
        for (let i = 0; i < 25; i++) await ask(gateway.ports.get('web'), '/ping');
        await eventually(() => Number(pings(received)?.count) === 25, '25 requests');

        const requests = newest(received, 'turnpike_requests_total');
        assert.equal(requests?.sum?.isMonotonic, true);
        assert.equal(requests.sum.aggregationTemporality, 'AGGREGATION_TEMPORALITY_CUMULATIVE');
        assert.equal(pointOf(requests.sum, 'code', '2xx')?.asDouble, 25);

        assert.equal(newest(received, 'turnpike_request_duration_seconds')?.unit, 's');
        const point = pings(received);
        const counts = point?.positive?.bucketCounts ?? [];
        const placed = counts.reduce((sum, count) => sum + Number(count), 0);
        assert.equal(placed + Number(point?.zeroCount), 25);
        assert.ok(Number(point?.scale) <= 3 && counts.length <= 160);
        assert.ok(BigInt(point?.timeUnixNano ?? 0) >= BigInt(point?.startTimeUnixNano ?? 1));
        const threads = newest(received, 'turnpike_threads');
        assert.equal(pointOf(threads?.gauge, 'state', 'ready')?.asDouble, 2);

        await ask(gateway.ports.get('web'), '/ping');
        await gateway.stop('SIGTERM');
        assert.equal(Number(pings(received)?.count), 26);
      });
    });
  });

  it('costs no request when there is no collector', async () => {
    // Nobody listens on port 1 of this machine.
    const telemetry = { accessLog: 'off', metrics: { otlp: 'http://127.0.0.1:1', interval: '1s' } };
    await onSite(saying('pong', { telemetry }), async (site) => {
      const gateway = await site.start();
      for (let i = 0; i < 25; i++) assert.equal((await ask(gateway.ports.get('web'), '/ping')).body, 'pong');
      await gateway.stop('SIGTERM');
    });
  });
});
