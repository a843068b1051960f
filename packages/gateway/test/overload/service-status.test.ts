import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, onSite, saying, until, withSlowService } from '../threads/fixture.ts';

const LIMIT = 4;

/** A gateway with two threads before a service that may do four requests at once, and one without a limit. */
function before(url: string): string {
  return saying('', {
    services: {
      main: { endpoints: [url], concurrency: LIMIT },
      free: { endpoints: [url] },
    },
    routes: {
      all: { match: { path: '/*' }, service: 'main', policies: { priority: 'critical' } },
      bulk: { match: { path: '/bulk' }, service: 'main', policies: { priority: 'bulk' } },
      free: { match: { path: '/free' }, service: 'free' },
    },
  });
}

describe('what a service has to do', () => {
  it('is shown for all threads together, with who was sent away and why', async () => {
    await withSlowService(async ({ url, arrival }) => {
      await onSite(before(url), async ({ start }) => {
        const gateway = await start();
        const get = (path: string) => ask(gateway.ports.get('web'), path);
        const admin = async (path: string) => (await ask(gateway.adminPort, path)).body;
        const services = async () => JSON.parse(await admin('/services'));
        const idle = { service: 'main', concurrency: 'fixed', limit: LIMIT, inflight: 0, waiting: 0 };
        assert.deepEqual(await services(), [idle]);

        const inside = Array.from({ length: LIMIT }, () => get('/'));
        const arrived = await Promise.all(inside.map(arrival));
        assert.deepEqual(await services(), [{ ...idle, inflight: LIMIT }]);
        assert.equal((await get('/bulk')).status, 503);
        // Who waits gives up soon, so it may take some tries to see one.
        const waiting: Promise<{ status: number }>[] = [];
        await until(async () => {
          waiting.push(get('/'));
          return JSON.parse(await admin('/services'))[0].waiting > 0;
        });
        assert.ok((await Promise.all(waiting)).every(({ status }) => status === 503));

        const metrics = await admin('/metrics');
        for (const line of [
          `turnpike_service_in_flight{service="main"} ${LIMIT}`,
          `turnpike_service_limit{service="main"} ${LIMIT}`,
          'turnpike_service_waiting{service="main"} 0',
          'turnpike_requests_shed_total{service="main",reason="limit",priority="bulk"} 1',
        ])
          assert.ok(metrics.includes(`${line}\n`), line);
        assert.match(
          metrics,
          /^turnpike_requests_shed_total\{service="main",reason="queue-(timeout|full)",priority="critical"\} [1-9]/m,
        );
        assert.doesNotMatch(metrics, /turnpike_service_(limit|in_flight|waiting)\{service="free"/);

        for (const response of arrived) response.end('done');
        for (const { status } of await Promise.all(inside)) assert.equal(status, 200);
        await until(async () => (await services())[0].inflight === 0);
      });
    });
  });
});
