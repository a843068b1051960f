import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { BroadcastChannel } from 'node:worker_threads';
import { adminJson, ask, onSite, saying, until, type Answer } from '../threads/fixture.ts';

const PRIORITIES = ['critical', 'high', 'normal', 'low', 'bulk'] as const;

/** A gateway with one thread, and a route for each priority that no service stands behind. */
function protectedBy(selfProtection: 'on' | 'off'): string {
  const routes = PRIORITIES.map((priority) => [
    priority,
    { match: { path: `/${priority}` }, respond: { status: 200, body: priority }, policies: { priority } },
  ]);
  return saying('', {
    routes: Object.fromEntries(routes),
    runtime: { threads: 1, drainTimeout: '5s', selfProtection },
  });
}

const SERVED = [200, 200, 200, 200, 200];
const BUSY_THREAD = { internals: { entry: new URL('./busy-thread.ts', import.meta.url) }, watch: false };

/** Has the thread work for so many ms in each turn of its event loop. */
function busy(t: TestContext): (ms: number) => void {
  const orders = new BroadcastChannel('busy');
  t.after(() => orders.close());
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not to a window
  return (ms) => orders.postMessage(ms);
}

function isShed({ status, body }: Answer): boolean {
  return status === 503 && JSON.parse(body).code === 'GATEWAY_OVERLOADED';
}

describe('a thread whose event loop is kept busy', () => {
  it('sheds the lower priorities until it is over, and says so', async (t) => {
    await onSite(protectedBy('on'), async ({ start, write }) => {
      const gateway = await start(BUSY_THREAD);
      const get = (path: string, options = {}) => ask(gateway.ports.get('web'), path, options);
      const statuses = async (priority: string): Promise<number[]> => {
        const answers = Array.from({ length: 5 }, () => get(`/${priority}`));
        return (await Promise.all(answers)).map(({ status }) => status);
      };
      const work = busy(t);

      // By its own work it is never late for a tenth of a second: `bulk` goes, `low` in part, and nobody else.
      work(90);
      await until(async () => (await statuses('bulk')).every((status) => status === 503));
      const shed = await get('/bulk');
      assert.ok(isShed(shed));
      assert.match(shed.headers['retry-after'] ?? '', /^[1-3]$/);
      assert.match(JSON.parse(shed.body).type, /temporary-reduced-capacity$/);
      for (const priority of ['critical', 'high', 'normal'])
        assert.deepEqual(await statuses(priority), SERVED, priority);

      const call = await get('/bulk', { method: 'POST', headers: { 'content-type': 'application/grpc' } });
      assert.deepEqual([call.status, call.headers['grpc-status']], [200, '14']);
      assert.equal(call.headers['grpc-retry-pushback-ms'], `${call.headers['retry-after']}000`);

      const { threads } = await adminJson(gateway, '/readyz?verbose');
      const [{ strain }] = threads as unknown as [{ strain: { lag: number; sheds: string[] } }];
      assert.ok(strain.lag > 0 && strain.lag < 2, String(strain.lag));
      assert.deepEqual(strain.sheds.slice(-1), ['bulk']);
      const { body: metrics } = await ask(gateway.adminPort, '/metrics');
      assert.match(metrics, /^turnpike_thread_strain\{thread="0",reason="lag"\} [01]\.\d+$/m);
      assert.match(metrics, /^turnpike_thread_strain\{thread="0",reason="memory"\} 0$/m);
      assert.match(
        metrics,
        /^turnpike_requests_shed_total\{service="",reason="lag",priority="bulk"\} [1-9]/m,
      );
      assert.doesNotMatch(metrics, /^turnpike_requests_shed_total\{.*priority="(normal|high|critical)"/m);

      await write(protectedBy('off'));
      await gateway.reload('test');
      assert.deepEqual(await statuses('bulk'), SERVED);
      await write(protectedBy('on'));
      await gateway.reload('test');
      await until(async () => isShed(await get('/bulk')));

      // Nothing else helps: only what is critical is served for certain, and connections are closed.
      const persistent = { headers: { connection: 'keep-alive' } };
      assert.equal((await get('/critical', persistent)).headers.connection, undefined);
      work(400);
      await until(async () => isShed(await get('/high')));
      assert.ok(isShed(await get('/normal')));
      const { status, headers } = await get('/critical', persistent);
      assert.deepEqual([status, headers.connection], [200, 'close']);

      work(0);
      await until(async () => (await statuses('bulk')).every((each) => each === 200));
    });
  });
});
