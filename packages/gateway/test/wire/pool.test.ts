import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, fieldOf, reply, scriptedUpstream, stall, type Talk } from '@turnpike/testkit';
import { codeOf, gateway, get } from './fixture.ts';

describe('connections to the service', () => {
  it('lets requests wait for the one connection that there may be', async (t) => {
    let underWay = 0;
    let most = 0;
    const { client, upstream, plane } = await gateway(t, {
      upstream: async (talk: Talk) => {
        most = Math.max(most, ++underWay);
        await talk.whole();
        await new Promise((resolve) => setTimeout(resolve, 5));
        underWay--;
        await talk.write(reply(talk.target));
      },
      service: { connections: { perEndpoint: 1 } },
    });
    const paths = Array.from({ length: 9 }, (_, i) => `/${i}`);
    const bodies = await Promise.all(
      paths.map(async (path) => (await (await client()).ask(get(path))).body.toString()),
    );
    assert.deepEqual(bodies, paths);
    assert.equal(most, 1);
    assert.equal(upstream.connections, 1);
    assert.equal(plane.inflight(), 0);
  });

  it('refuses a request that waits for a connection for too long', async (t) => {
    const { client, upstream, plane } = await gateway(t, {
      upstream: stall,
      service: { connections: { perEndpoint: 1 }, timeouts: { connect: '50ms' } },
    });
    await (await client()).send(get('/holds'));
    await upstream.request(0);
    const refused = await (await client()).ask(get());
    assert.equal(refused.status, 503);
    assert.equal(codeOf(refused), 'CONNECTION_LIMIT');
    assert.equal(fieldOf(refused, 'proxy-status'), 'turnpike; error=connection_limit_reached');
    assert.equal(upstream.requests.length, 1);
    assert.equal(plane.inflight(), 1);
  });

  it('goes to another endpoint when all connections to one are in use', async (t) => {
    const stalled = await scriptedUpstream(stall);
    const other = await scriptedUpstream(answer(reply('other')));
    t.after(() => Promise.all([stalled.close(), other.close()]));
    const { client } = await gateway(t, {
      upstream: stall,
      service: {
        endpoints: [stalled.url, other.url],
        connections: { perEndpoint: 1 },
        timeouts: { connect: '50ms' },
        balancer: 'round-robin',
      },
    });
    // One of the two goes to the endpoint that keeps it.
    const holders = [await client(), await client()];
    await Promise.race(holders.map((holder) => holder.ask(get())));
    await stalled.request(0);
    const connection = await client();
    for (let i = 0; i < 3; i++) assert.equal((await connection.ask(get())).body.toString(), 'other');
  });

  it('serves on when a client that waits for a connection goes away', async (t) => {
    const waits: Talk[] = [];
    const { client, upstream, plane } = await gateway(t, {
      upstream: async (talk) => {
        waits.push(talk);
        if (talk.target === '/first') await talk.closed();
        else await talk.write(reply('served'));
      },
      service: { connections: { perEndpoint: 1 } },
    });
    const first = await client();
    await first.send(get('/first'));
    await upstream.request(0);
    const second = await client();
    await second.send(get('/second'));
    const third = await client();
    await third.send(get('/third'));
    second.reset();
    first.reset();
    assert.equal((await third.response()).body.toString(), 'served');
    assert.deepEqual(
      waits.map(({ target }) => target).filter((target) => target === '/second'),
      [],
    );
    assert.equal(plane.inflight(), 0);
  });

  it('closes idle connections after their time', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: answer(reply('x')),
      service: { connections: { idleTimeout: '50ms' } },
    });
    const connection = await client();
    await connection.ask(get());
    await upstream.whenIdle();
    assert.equal((await connection.ask(get())).status, 200);
    assert.equal(upstream.connections, 2);
  });

  it('closes an idle connection before the service does, when that says how long it waits', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: answer(reply('x', ['Keep-Alive: timeout=1'])),
    });
    const connection = await client();
    await connection.ask(get());
    const began = performance.now();
    await upstream.whenIdle();
    assert.ok(performance.now() - began < 30_000, 'far sooner than it would by itself');
    assert.equal((await connection.ask(get())).status, 200);
  });

  it('opens a new connection after an answer that closes the old one', async (t) => {
    const { client, upstream } = await gateway(t, {
      upstream: answer(reply('x', ['Connection: close'])),
    });
    const connection = await client();
    for (let i = 0; i < 3; i++) assert.equal((await connection.ask(get())).status, 200);
    assert.equal(upstream.connections, 3);
  });
});
