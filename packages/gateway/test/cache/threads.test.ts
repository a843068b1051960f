import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ask,
  onSite,
  saying,
  until,
  withSlowService,
  type Answer,
  type SlowService,
} from '../threads/fixture.ts';

const CLIENTS = 60;

/** A configuration of two threads, that keeps what one service says. */
function keeping(url: string, moreRoutes: object = {}): string {
  return saying('', {
    services: { slow: { endpoints: [url] } },
    routes: {
      all: { match: { path: '/*' }, service: 'slow', policies: { cache: { coalesceWait: '1m' } } },
      ...moreRoutes,
    },
    stores: { cache: { size: '8MiB' } },
  });
}

/**
 * Answers whatever comes from now on, and counts it. A thread that does not get the lock of the memory in time asks by itself, which happens
 * when the machine has much to do; so tests do not count on one request, but on far fewer than clients.
 */
function answering({ arrival }: SlowService) {
  const counted = { requests: 0 };
  const loop = async (): Promise<never> => {
    for (;;) {
      const response = await arrival();
      counted.requests++;
      response.setHeader('cache-control', 'max-age=600');
      response.end('for all');
    }
  };
  void loop();
  return counted;
}

/** As many clients as there are, each on a connection of its own. */
function crowd(port: number | undefined): Promise<Answer>[] {
  return Array.from({ length: CLIENTS }, () =>
    ask(port, '/popular').catch(() => ({ status: 0, body: '', headers: {} })),
  );
}

describe('two data threads', () => {
  it('ask for all their clients together, and have what was kept after a reload', async () => {
    await withSlowService(async (service) => {
      await onSite(keeping(service.url), async ({ start, write }) => {
        const gateway = await start();
        const port = gateway.ports.get('web');
        const answers = crowd(port);
        const first = await service.arrival();
        const counted = answering(service);
        first.setHeader('cache-control', 'max-age=600').end('for all');
        const all = await Promise.all(answers);
        assert.ok(all.every(({ status, body }) => status === 200 && body === 'for all'));
        assert.ok(counted.requests < CLIENTS / 4, `${counted.requests + 1} requests`);
        const ping = { ping: { match: { path: '/ping' }, respond: { status: 200, body: 'pong' } } };
        await write(keeping(service.url, ping));
        await gateway.reload('test');
        await until(async () => (await ask(port, '/ping')).body === 'pong');
        const kept = await Promise.all(crowd(port));
        const hits = kept.filter(({ headers }) =>
          String(headers['cache-status']).startsWith('Turnpike; hit'),
        );
        assert.ok(hits.length > (CLIENTS * 3) / 4, `${hits.length} hits`);
      });
    });
  });

  it('go on when one of them dies while it asks', async () => {
    await withSlowService(async (service) => {
      await onSite(keeping(service.url), async ({ start }) => {
        const gateway = await start();
        const answers = crowd(gateway.ports.get('web'));
        const first = await service.arrival();
        await ask(gateway.adminPort, '/threads/0/restart?kill=true', { method: 'POST' });
        answering(service);
        // It may have been the other thread that asked.
        first.setHeader('cache-control', 'max-age=600').end('for all');
        const served = (await Promise.all(answers)).filter(({ status }) => status === 200);
        assert.ok(served.length > 0);
        assert.ok(served.every(({ body }) => body === 'for all'));
        const { body } = await ask(gateway.ports.get('web'), '/popular');
        assert.equal(body, 'for all');
      });
    });
  });
});
