import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { prometheusServer, promtool, withoutPrometheus } from '@turnpike/testkit/prometheus-server';
import { metricsBuffer } from '../../src/observe/metric-memory.ts';
import { ThreadMetrics } from '../../src/observe/metrics.ts';
import { expositionFormat } from '../../src/observe/negotiate-exposition.ts';
import { SeriesBook } from '../../src/observe/series-book.ts';
import { ask, onSite, saying } from '../threads/fixture.ts';

const OPTIONS = { skip: withoutPrometheus(), timeout: 120_000 };
const TEXT = 'text/plain;version=0.0.4';
const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0';
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** Runs a server for one test; gives its `host:port`. */
async function withServer(
  listener: Parameters<typeof createServer>[1],
  use: (target: string) => Promise<void>,
): Promise<void> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Asks `/metrics` of the admin API at that port for one format, whatever the client wants: Prometheus 2.42 cannot be told. */
function wanting(accept: string, port: number) {
  return (_: unknown, response: import('node:http').ServerResponse): void => {
    const inner = request(
      { port, host: '127.0.0.1', path: '/metrics', headers: { accept }, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 0, { 'content-type': answer.headers['content-type'] ?? '' });
        answer.pipe(response);
      },
    );
    inner.on('error', () => response.destroy()).end();
  };
}

const TRACED = { telemetry: { accessLog: 'off', traces: { trust: 'everybody' } } };

async function serveSome(port: number | undefined): Promise<void> {
  const traceparent = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
  for (let i = 0; i < 25; i++) await ask(port, '/ping', { headers: { traceparent } });
  for (let i = 0; i < 5; i++) await ask(port, '/nowhere');
}

describe('Prometheus', OPTIONS, () => {
  it('scrapes text and OpenMetrics, and its answers are what was served', async () => {
    await onSite(saying('pong', TRACED), async (site) => {
      const gateway = await site.start();
      await serveSome(gateway.ports.get('web'));
      const port = gateway.adminPort ?? 0;
      await withServer(wanting(TEXT, port), async (text) => {
        await using prometheus = await prometheusServer({ text, open: `127.0.0.1:${port}` }, [
          'exemplar-storage',
        ]);
        for (const job of ['text', 'open']) {
          const served = `turnpike_requests_total{job="${job}",route="ping",code="2xx"}`;
          await prometheus.valueOf(served, (value) => value === 25);
          await prometheus.valueOf(
            `turnpike_requests_total{job="${job}",route="__none__",code="4xx"}`,
            (value) => value === 5,
          );
          await prometheus.valueOf(
            `turnpike_request_duration_seconds_bucket{job="${job}",route="ping",le="+Inf"}`,
            (value) => value === 25,
          );
        }
        const found = (await prometheus.api('query_exemplars', {
          query: 'turnpike_request_duration_seconds_bucket{job="open",route="ping"}',
          start: String(Date.now() / 1000 - 600),
          end: String(Date.now() / 1000 + 600),
        })) as readonly {
          readonly exemplars: readonly { readonly labels: { readonly trace_id: string } }[];
        }[];
        const ids = found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
        assert.deepEqual(new Set(ids), new Set([TRACE_ID]));
      });
    });
  });

  it('scrapes native histograms', async () => {
    await onSite(saying('pong', TRACED), async (site) => {
      const gateway = await site.start();
      await serveSome(gateway.ports.get('web'));
      const target = `127.0.0.1:${gateway.adminPort}`;
      await using prometheus = await prometheusServer({ native: target }, [
        'native-histograms',
        'exemplar-storage',
      ]);
      const duration = 'turnpike_request_duration_seconds{route="ping"}';
      await prometheus.valueOf(`histogram_count(${duration})`, (value) => value === 25);
      const sum = await prometheus.valueOf(`histogram_sum(${duration})`, (value) => value > 0);
      const median = await prometheus.valueOf(`histogram_quantile(0.5, ${duration})`, (value) => value > 0);
      assert.ok(median <= sum);
      // In place of the classic ones.
      assert.deepEqual(await prometheus.query('turnpike_request_duration_seconds_bucket'), []);
      await prometheus.valueOf('turnpike_threads{state="ready"}', (value) => value === 2);
    });
  });

  it('reads quantiles of native histograms to a bucket, which is nine per cent wide', async () => {
    const threads = [1, 2].map((thread) => ({ thread: `${thread}`, buffer: metricsBuffer() }));
    for (const [i, { buffer }] of threads.entries()) {
      const histogram = new ThreadMetrics(buffer).histogram('turnpike_request_duration_seconds', {
        route: 'r',
      });
      // 0.1 ms, 0.2 ms … 100 ms, every other one in each thread; and one that is as good as nothing.
      for (let n = 1 + i; n <= 1000; n += 2) histogram.observe(n / 10_000);
      histogram.observe(1e-9);
    }
    const book = new SeriesBook();
    const serve: Parameters<typeof createServer>[1] = ({ headers }, response) => {
      const { contentType, write } = expositionFormat(headers.accept ?? '');
      response.writeHead(200, { 'content-type': contentType });
      response.end(write(book.families(threads), () => book.exemplars()));
    };
    await withServer(serve, async (target) => {
      await using prometheus = await prometheusServer({ known: target }, ['native-histograms']);
      const duration = 'turnpike_request_duration_seconds{route="r"}';
      await prometheus.valueOf(`histogram_count(${duration})`, (value) => value === 1002);
      for (const quantile of [0.1, 0.5, 0.9, 0.99]) {
        const value = await prometheus.valueOf(
          `histogram_quantile(${quantile}, ${duration})`,
          (value) => value > 0,
        );
        const exact = (1002 * quantile - 2) / 10_000;
        assert.ok(Math.abs(value - exact) / exact < 0.0906, `${quantile}: ${value}`);
      }
      const sum = await prometheus.valueOf(`histogram_sum(${duration})`, (value) => value > 0);
      assert.ok(Math.abs(sum - 50.05) < 1e-6);
    });
  });

  it('has a tool that finds nothing wrong with our metrics', async () => {
    await onSite(saying('pong', TRACED), async (site) => {
      const gateway = await site.start();
      await serveSome(gateway.ports.get('web'));
      const { body, headers } = await ask(gateway.adminPort, '/metrics', { headers: { accept: TEXT } });
      assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
      assert.equal(await promtool(['check', 'metrics'], body), '');
    });
  });

  it('has a tool that would find something', async () => {
    assert.match(await promtool(['check', 'metrics'], 'a_seconds 1\nA_total{x="y" 2\n'), /error/);
  });
});

describe('the admin API', { timeout: 60_000 }, () => {
  it('gives OpenMetrics to who wants it', async () => {
    await onSite(saying('pong', TRACED), async (site) => {
      const gateway = await site.start();
      await serveSome(gateway.ports.get('web'));
      const { body, headers } = await ask(gateway.adminPort, '/metrics', {
        headers: { accept: OPEN_METRICS },
      });
      assert.match(headers['content-type'] ?? '', /^application\/openmetrics-text; version=1\.0\.0/);
      assert.match(body, /^# TYPE turnpike_requests counter\n# HELP .*\nturnpike_requests_total\{/m);
      assert.match(
        body,
        new RegExp(
          `^turnpike_request_duration_seconds_bucket\\{.*\\} \\d+ # \\{trace_id="${TRACE_ID}",`,
          'm',
        ),
      );
      assert.ok(body.endsWith('\n# EOF\n'));
    });
  });
});
