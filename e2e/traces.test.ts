// Spans of the built program at a real collector, at one that is gone and at one that does not answer.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { answer, eventually, reply, scriptedUpstream, testAuthority } from '@turnpike/testkit';
import { hexOf, plain } from '../packages/gateway/src/observe/otlp/otlp-testing.ts';
import { otlpCollector } from './otlp-collector.ts';
import { runGateway, type RunningGateway } from './running-gateway.ts';
import { steadyLoad } from './steady-load.ts';

const SENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** A gateway with a route that answers by itself, and one to a service if there is one. */
function config(telemetry: object, service = ''): string {
  return JSON.stringify({
    listeners: { web: { address: '127.0.0.1:0' } },
    ...(service !== '' && { services: { orders: { endpoints: [service] } } }),
    routes: {
      hello: { match: { path: '/hello' }, respond: { status: 200, body: 'hello' } },
      ...(service !== '' && { orders: { match: { path: '/orders/{id}' }, service: 'orders' } }),
    },
    admin: { address: '127.0.0.1:0' },
    telemetry: { accessLog: 'off', ...telemetry },
    runtime: { threads: 2, drainTimeout: '4s' },
  });
}

async function ask(
  gateway: RunningGateway,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers });
  await response.text();
  return response.status;
}

/** Spans that were counted with an outcome. */
async function counted(gateway: RunningGateway, outcome: string): Promise<number> {
  const { body } = await gateway.admin('/metrics');
  const series = new RegExp(
    `^turnpike_telemetry_items_total\\{signal="traces",outcome="${outcome}"\\} (\\d+)`,
    'm',
  );
  return Number(series.exec(body)?.[1] ?? 0);
}

describe('spans', () => {
  it('come to the collector that variables name', async () => {
    await using collector = await otlpCollector();
    const service = await scriptedUpstream(answer(reply('ok')));
    const traces = { sample: '100%', trust: 'everybody' };
    await using gateway = await runGateway(config({ traces }, service.url), {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20secret',
      OTEL_SERVICE_NAME: 'edge',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    assert.equal(await ask(gateway, '/orders/7', { traceparent: SENT }), 200);
    const spans = await collector.received(2);
    const [delivery] = collector.deliveries;
    assert.equal(delivery?.path, '/v1/traces');
    assert.equal(delivery?.fields['api-key'], 'a secret');
    assert.equal(delivery?.fields['content-encoding'], 'gzip');
    const resource = plain(delivery?.traces.resource ?? []);
    assert.equal(resource['service.name'], 'edge');
    assert.equal(resource['deployment.environment.name'], 'test');
    assert.equal(delivery?.traces.scope.name, 'turnpike');
    const server = spans.find(({ kind }) => kind === 'SPAN_KIND_SERVER');
    const client = spans.find(({ kind }) => kind === 'SPAN_KIND_CLIENT');
    assert.equal(server?.name, 'GET /orders/{id}');
    assert.equal(hexOf(server?.traceId), SENT.slice(3, 35));
    assert.equal(client?.parentSpanId, server?.spanId);
    const startMs = Number(BigInt(server?.startTimeUnixNano ?? 0) / 1_000_000n);
    assert.ok(Math.abs(startMs - Date.now()) < 60_000, 'is about now');
    // The collector has them a moment before the gateway knows.
    let exported = 0;
    for (let turn = 0; exported < 2 && turn < 500; turn++) exported = await counted(gateway, 'exported');
    assert.equal(exported, 2);
    await service.close();
  });

  it('come over TLS, where the configuration says so', async () => {
    const authority = testAuthority();
    const folder = await mkdtemp(join(tmpdir(), 'turnpike-otlp-'));
    const file = join(folder, 'authority.pem');
    await writeFile(file, authority.cert);
    await using collector = await otlpCollector(authority.issue({ names: ['127.0.0.1'] }));
    const otlp = { authorities: file, compression: 'none', resource: { 'service.name': 'secure' } };
    const traces = { otlp: `${collector.url}/otlp`, sample: '100%' };
    await using gateway = await runGateway(config({ traces, otlp }));
    await ask(gateway, '/hello');
    await collector.received(1);
    const [delivery] = collector.deliveries;
    assert.equal(delivery?.path, '/otlp/v1/traces');
    assert.equal(delivery?.fields['content-encoding'], undefined);
    assert.equal(plain(delivery?.traces.resource ?? [])['service.name'], 'secure');
    await rm(folder, { recursive: true });
  });

  it('are sent before the process ends', async () => {
    await using collector = await otlpCollector();
    const traces = { otlp: collector.url, sample: '100%' };
    await using gateway = await runGateway(config({ traces }));
    for (let n = 0; n < 5; n++) await ask(gateway, '/hello');
    assert.equal(await gateway.stop('SIGTERM'), 0);
    assert.equal(collector.spans.length, 5);
  });

  it('wait for a collector that was away', async () => {
    await using collector = await otlpCollector();
    collector.script((response) => response.writeHead(503, { 'retry-after': '0' }).end());
    const traces = { otlp: collector.url, sample: '100%' };
    await using gateway = await runGateway(config({ traces }));
    await ask(gateway, '/hello');
    await gateway.logged('telemetry is not exported');
    collector.script((response) => response.writeHead(200).end());
    await collector.received(1);
    await eventually(
      () => gateway.log.some(({ message }) => message === 'telemetry is exported again'),
      'the log',
    );
  });

  it('cost no request when nobody listens, and end no stop late', async () => {
    const traces = { otlp: 'http://127.0.0.1:1', sample: '100%' };
    await using gateway = await runGateway(config({ traces }));
    await using load = steadyLoad(gateway.port, { clients: 8, path: '/hello' });
    await load.answered(2000);
    const { failures } = await load.stop();
    assert.deepEqual(failures, []);
    await eventually(
      () => gateway.log.some(({ message }) => message === 'telemetry is not exported'),
      'the log',
    );
    assert.equal(await gateway.stop('SIGTERM'), 0);
  });

  it('cost no request when the collector never answers: the oldest are dropped, and counted', async () => {
    await using collector = await otlpCollector();
    collector.script(() => {});
    const traces = { otlp: collector.url, sample: '100%' };
    await using gateway = await runGateway(config({ traces }));
    await using load = steadyLoad(gateway.port, { clients: 8, path: '/hello' });
    await load.answered(8000);
    const { failures, answered } = await load.stop();
    assert.deepEqual(failures, []);
    let full = 0;
    // 512 are under way and 4096 wait; the rest may still be on its way from the threads.
    for (let turn = 0; full < answered - 5000 && turn < 200; turn++) {
      full = await counted(gateway, 'full');
      await ask(gateway, '/nowhere');
    }
    assert.ok(full >= answered - 5000, `${full} of ${answered} were dropped`);
    assert.equal(collector.requests, 1);
  });
});
