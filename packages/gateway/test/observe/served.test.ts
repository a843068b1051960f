import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { Supervisor } from '../../src/main.ts';
import { ask, onSite, saying, until } from '../threads/fixture.ts';

/** The value of a series; NaN if there is none. */
async function valueOf(gateway: Supervisor, series: string): Promise<number> {
  const { body } = await ask(gateway.adminPort, '/metrics');
  const line = body.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? NaN);
}

describe('the metrics of a gateway that serves', { timeout: 60_000 }, () => {
  it('say what a service got and gave, and what was added to its time', async () => {
    const server = createServer((request, response) => {
      request.resume().once('end', () => response.end('x'.repeat(1234)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const services = { orders: { endpoints: [`http://127.0.0.1:${port}`], concurrency: 10 } };
    const routes = { orders: { match: { path: '/orders' }, service: 'orders' } };
    try {
      await onSite(saying('', { routes, services }), async (site) => {
        const gateway = await site.start();
        const web = gateway.ports.get('web');
        for (let i = 0; i < 3; i++) await ask(web, '/orders', { method: 'POST', body: 'y'.repeat(77) });
        const labels = '{service="orders"}';
        await until(
          async () => (await valueOf(gateway, `turnpike_added_latency_seconds_count${labels}`)) === 3,
        );
        assert.ok((await valueOf(gateway, `turnpike_added_latency_seconds_sum${labels}`)) > 0);
        assert.equal(await valueOf(gateway, `turnpike_upstream_request_size_bytes_sum${labels}`), 231);
        assert.equal(await valueOf(gateway, `turnpike_upstream_response_size_bytes_sum${labels}`), 3702);
        assert.equal(await valueOf(gateway, `turnpike_service_limit_ratio${labels}`), 0);
        // Threads look at their connections once a second.
        const idle = 'turnpike_upstream_connections{service="orders",state="idle"}';
        await until(async () => (await valueOf(gateway, idle)) >= 1);
        assert.equal(await valueOf(gateway, `turnpike_upstream_waiting${labels}`), 0);
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('tell idle connections of clients from those that are served', async () => {
    await onSite(saying('pong'), async (site) => {
      const gateway = await site.start();
      const socket = connect(gateway.ports.get('web') ?? 0, '127.0.0.1');
      await once(socket, 'connect');
      const idle = 'turnpike_connections{listener="web",state="idle"}';
      await until(async () => (await valueOf(gateway, idle)) === 1);
      socket.write('GET /ping HTTP/1.1\r\n'); // not all of its head
      socket.destroy();
      await until(async () => (await valueOf(gateway, idle)) === 0);
    });
  });

  it('say what the process has and may have', { skip: process.platform !== 'linux' }, async () => {
    await onSite(saying('pong'), async (site) => {
      const gateway = await site.start();
      const open = await valueOf(gateway, 'process_open_fds');
      const most = await valueOf(gateway, 'process_max_fds');
      assert.ok(open > 3 && open <= most, `${open} of ${most}`);
      assert.ok((await valueOf(gateway, 'process_cpu_seconds_total')) > 0);
      assert.ok((await valueOf(gateway, 'process_resident_memory_bytes')) > 1e6);
      const busy = 'turnpike_event_loop_busy_seconds_total{thread="0"}';
      await until(async () => (await valueOf(gateway, busy)) > 0);
    });
  });
});
