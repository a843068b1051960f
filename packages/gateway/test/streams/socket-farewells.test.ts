import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually, within } from '@turnpike/testkit';
import { closeOf, socketRig, textFrom } from './socket-rig.ts';

const openGauge = (count: number) => new RegExp(`^turnpike_websockets\\{route="live"\\} ${count}$`, 'm');

describe('a WebSocket', () => {
  it('lives on through a reload that keeps its route, whatever else is new about it', async (t) => {
    const rig = await socketRig(t);
    const client = await rig.open();
    const route = (rig.document['routes'] as Record<string, object>)['live'];
    const policies = { websocket: { lifetime: '50ms' }, ipAccess: { deny: ['127.0.0.0/8'] } };
    await rig.plane.apply({ ...rig.document, routes: { live: { ...route, policies } } });
    assert.equal((await rig.refused()).statusCode, 403);
    client.send('still there');
    assert.equal(await textFrom(client), 'still there');
    assert.match(rig.plane.metrics(), openGauge(1));
    client.close();
    await closeOf(client);
    await eventually(() => openGauge(0).test(rig.plane.metrics()), 'no open WebSocket');
  });

  for (const [what, change] of [
    ['its route is gone', (live: object) => ({ other: live })],
    ['its route lets nobody switch any more', (live: object) => ({ live: { ...live, upgrade: [] } })],
  ] as const) {
    it(`is told 1012 when ${what}`, async (t) => {
      const rig = await socketRig(t);
      const client = await rig.open();
      const [server] = rig.servers;
      assert.ok(server !== undefined);
      const ends = [closeOf(client), closeOf(server)];
      const { live = {} } = rig.document['routes'] as Record<string, object>;
      await rig.plane.apply({ ...rig.document, routes: change(live) });
      assert.deepEqual(await Promise.all(ends), [
        [1012, 'this is not served any more'],
        [1012, 'this is not served any more'],
      ]);
      const [line] = await rig.plane.lines(1);
      assert.deepEqual([line?.['closed'], line?.['closeCode'], line?.['code']], ['reload', 1012, undefined]);
    });
  }

  it('is told 1012 when its listener is gone', async (t) => {
    const rig = await socketRig(t);
    const client = await rig.open();
    await rig.plane.apply({ ...rig.document, listeners: { other: { address: '127.0.0.1:0' } } });
    assert.deepEqual(await closeOf(client), [1012, 'this is not served any more']);
  });

  it('is told 1001 when the gateway stops, in the middle of a message too', async (t) => {
    const rig = await socketRig(t);
    const [plain, busy] = await Promise.all([rig.open(), rig.open()]);
    rig.servers[1]?.send('a part', { fin: false });
    const closed = Promise.all([closeOf(plain), closeOf(busy)]);
    const isDone = rig.plane.close();
    for (const [code, reason] of await closed) {
      assert.equal(code, 1001);
      assert.equal(reason, 'the gateway is about to stop');
    }
    await isDone;
    assert.match(rig.plane.metrics(), /turnpike_websocket_closes_total\{route="live",reason="drain"\} 2/);
  });

  it('is not waited for when it does not answer to that', async (t) => {
    const rig = await socketRig(t);
    const client = await rig.open();
    client.pause();
    rig.servers[0]?.pause();
    await within(rig.plane.close(1000), 'the end of the gateway');
  });

  it('names in the access log who ended it, and how', async (t) => {
    const rig = await socketRig(t, {
      talk: (socket) => socket.on('message', () => socket.close(4001, 'enough')),
    });
    const byClient = await rig.open();
    byClient.close(4000, 'bye');
    await closeOf(byClient);
    await rig.plane.lines(1);
    const byService = await rig.open();
    byService.send('end');
    await closeOf(byService);
    await rig.plane.lines(2);
    const gone = await rig.open();
    gone.terminate();
    await rig.plane.lines(3);
    const lost = await rig.open();
    rig.servers.at(-1)?.terminate();
    await closeOf(lost);
    const lines = await rig.plane.lines(4);
    assert.deepEqual(
      lines.map(({ closed, closeCode, status }) => [closed, closeCode, status]),
      [
        ['client', 4000, 101],
        ['service', 4001, 101],
        ['client-lost', undefined, 101],
        ['service-lost', 1011, 101],
      ],
    );
    for (const { requestBytes, responseBytes } of lines.slice(0, 2))
      assert.ok(Number(requestBytes) > 0 && Number(responseBytes) > 0);
  });
});
