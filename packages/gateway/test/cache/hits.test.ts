import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, chunkedReply, fieldOf, reply } from '@turnpike/testkit';
import { gateway, get, request } from '../wire/fixture.ts';
import { cached, fresh, statusOf } from './fixture.ts';

describe('a cache', () => {
  it('asks once for what is fresh, and says so', async (t) => {
    const { upstream, client, plane } = await gateway(t, cached({ upstream: answer(fresh('hello')) }));
    const browser = await client();
    const first = await browser.ask(get('/a?b=c'));
    assert.deepEqual([first.status, first.body.toString()], [200, 'hello']);
    assert.match(statusOf(first), /^Turnpike; fwd=uri-miss; ttl=(60|59|58); stored$/);
    const second = await browser.ask(get('/a?b=c'));
    assert.deepEqual([second.status, second.body.toString()], [200, 'hello']);
    assert.match(statusOf(second), /^Turnpike; hit; ttl=\d+$/);
    assert.match(fieldOf(second, 'age') ?? '', /^\d$/);
    assert.equal(fieldOf(second, 'x-mine'), 'yes');
    assert.equal(upstream.requests.length, 1);
    const lines = await plane.lines(2);
    assert.deepEqual(
      lines.map(({ cache, attempts, service }) => [cache, attempts, service]),
      [
        ['miss', 1, 'main'],
        ['hit', 0, ''],
      ],
    );
    assert.match(plane.metrics(), /turnpike_cache_requests_total\{route="main",result="hit"\} 1/);
    assert.match(plane.metrics(), /turnpike_cache_bytes_served_total\{route="main"\} 5/);
  });

  it('asks nobody for a client that wants only what is there, whatever else it says', async (t) => {
    const { client, upstream } = await gateway(t, cached({ upstream: answer(fresh('x')) }));
    const browser = await client();
    const only = 'Cache-Control: only-if-cached';
    for (const field of [
      'X-A: 1',
      'If-Match: "v"',
      'If-Unmodified-Since: Mon, 01 Jan 2024 00:00:00 GMT',
      'Cache-Control: no-store',
    ])
      assert.equal((await browser.ask(get('/', only, field))).status, 504, field);
    assert.equal(upstream.requests.length, 0);
    await browser.ask(get('/'));
    assert.match(statusOf(await browser.ask(get('/', only, 'Cache-Control: no-store'))), /; hit/);
    assert.equal(upstream.requests.length, 1);
  });

  it('keeps large bodies and those of unknown length', async (t) => {
    const large = 'x'.repeat(300_000);
    for (const sent of [
      fresh(large),
      chunkedReply(['x'.repeat(100_000), 'x'.repeat(200_000)], [], ['Cache-Control: max-age=60']),
    ]) {
      await t.test(sent.slice(0, 100), async (t) => {
        const { upstream, client } = await gateway(t, cached({ upstream: answer(sent) }));
        const browser = await client();
        for (let i = 0; i < 3; i++) assert.equal((await browser.ask(get('/'))).body.toString(), large);
        assert.equal(upstream.requests.length, 1);
      });
    }
  });

  it('asks every time for what says no-store, and for other methods', async (t) => {
    const { upstream, client } = await gateway(
      t,
      cached({ upstream: answer(reply('x', ['Cache-Control: no-store'])) }),
    );
    const browser = await client();
    assert.equal(statusOf(await browser.ask(get('/'))), 'Turnpike; fwd=uri-miss; detail=no-store');
    assert.equal(statusOf(await browser.ask(get('/'))), 'Turnpike; fwd=bypass; detail=hit-for-miss');
    assert.equal(statusOf(await browser.ask(request('POST /', [], 'x'))), 'Turnpike; fwd=method');
    assert.equal(upstream.requests.length, 3);
  });
});
