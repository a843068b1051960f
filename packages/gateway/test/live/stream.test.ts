import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, onSite, saying } from '../threads/fixture.ts';
import { seenOf, watch } from './fixture.ts';

const TOKEN = 'viewer-token-viewer-token-viewer-token';
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const encoded = (filter: string) => `?filter=${encodeURIComponent(filter)}`;

describe('the stream of requests', () => {
  it('shows requests as they end, with the line of the access log', async () => {
    await onSite(saying('pong'), async ({ start }) => {
      const gateway = await start({ watch: false });
      const watcher = await watch(gateway);
      const { path, status, route } = await seenOf(watcher, gateway, '/ping');
      assert.deepEqual({ path, status, route }, { path: '/ping', status: 200, route: 'ping' });
      watcher.leave();
    });
  });

  it('shows everybody what they wish for: a route, a status, or what a filter says', async () => {
    await onSite(saying('pong', { runtime: { threads: 1 } }), async ({ start }) => {
      const gateway = await start({ watch: false });
      const all = await watch(gateway);
      const missing = await watch(gateway, '?status=4xx');
      const unrouted = await watch(gateway, '?route=');
      const filtered = await watch(gateway, encoded('line.status == 404 && line.path.startsWith("/b")'));
      // From now on the one thread knows of all, because news come in order.
      await seenOf(filtered, gateway, '/b');
      assert.equal((await missing.next()).path, '/b');
      assert.equal((await unrouted.next()).path, '/b');
      assert.equal((await all.next()).path, '/b');
      for (const path of ['/ping', '/c', '/b/2', '/ping?end']) await ask(gateway.ports.get('web'), path);
      const upTo = async (watcher: typeof all, wanted: string) => {
        const paths = new Set<string>();
        while (!paths.has(wanted)) {
          const { path } = await watcher.next();
          // Nobody read while the first requests came: a line may tell how many of them were left out.
          if (path !== undefined) paths.add(path);
        }
        return [...paths];
      };
      assert.deepEqual(await upTo(missing, '/b/2'), ['/b', '/c', '/b/2']);
      assert.deepEqual(await upTo(filtered, '/b/2'), ['/b', '/b/2']);
      assert.deepEqual(await upTo(all, '/b/2'), ['/b', '/ping', '/c', '/b/2']);
      assert.deepEqual(await upTo(unrouted, '/b/2'), ['/b', '/c', '/b/2']);
      for (const watcher of [all, missing, unrouted, filtered]) watcher.leave();
    });
  });

  it('is for viewers, and says what it does not understand', async () => {
    const admin = { address: '127.0.0.1:0', tokens: [{ token: TOKEN, role: 'viewer' }] };
    await onSite(saying('pong', { admin }), async ({ start }) => {
      const { adminPort } = await start({ watch: false });
      assert.equal((await ask(adminPort, '/requests/stream')).status, 401);
      for (const query of [
        '?status=6xx',
        '?colour=red',
        encoded('line.status =='),
        encoded('request.path == "/"'),
      ]) {
        const answer = await ask(adminPort, `/requests/stream${query}`, bearer(TOKEN));
        assert.equal(answer.status, 422, query);
        assert.equal(JSON.parse(answer.body).code, 'TAP_REJECTED');
      }
    });
  });

  it('takes eight who watch, and one more when one leaves', async () => {
    await onSite(saying('pong'), async ({ start }) => {
      const gateway = await start({ watch: false });
      const watchers = await Promise.all(Array.from({ length: 8 }, () => watch(gateway)));
      assert.equal((await ask(gateway.adminPort, '/requests/stream')).status, 503);
      watchers[0]?.leave();
      const head = async () => (await ask(gateway.adminPort, '/requests/stream', { method: 'HEAD' })).status;
      while ((await head()) !== 200);
      for (const watcher of watchers) watcher.leave();
    });
  });
});
