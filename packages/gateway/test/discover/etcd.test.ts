import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { etcdServer, withoutEtcd } from '@turnpike/testkit/etcd-server';
import { etcdSource } from '../../src/upstream/discover/etcd.ts';
import { openRegistry, type RegistrySite, type RegistrySiteOptions } from './registry-site.ts';

interface Login {
  readonly username: string;
  readonly password: string;
}

/** Watches `/s/`. */
function watching(
  urls: readonly string[],
  { login, ...options }: RegistrySiteOptions & { readonly login?: Login } = {},
): RegistrySite {
  const { username = null, password = null } = login ?? {};
  const config = { kind: 'etcd', urls, prefix: '/s/', username, password } as const;
  return openRegistry((events, ports) => etcdSource(config, events, ports), options);
}

describe('endpoints in etcd', { skip: withoutEtcd() }, () => {
  it('are those that are there, and follow every change', async () => {
    await using etcd = await etcdServer();
    await etcd.put('/s/a', 'http://10.0.0.1:8001');
    await etcd.put('/s0', 'http://10.0.0.9:8001');
    await etcd.put('/r/a', 'http://10.0.0.8:8001');
    await using site = watching([etcd.url]);
    await site.finds('10.0.0.1:8001');
    await etcd.put(
      '/s/b',
      JSON.stringify({ url: 'http://b.internal', weight: 2, zone: 'a', priority: 1, draining: true }),
    );
    await etcd.put('/s/c', JSON.stringify({ host: '2001:db8::1', port: 8003 }));
    await etcd.put('/s/d', JSON.stringify({ Op: 0, Addr: '10.0.0.4:8004', Metadata: { any: 'thing' } }));
    await site.finds('10.0.0.1:8001 10.0.0.4:8004 2001:db8::1:8003 b.internal:80');
    const [b] = site.found.at(-1)?.endpoints.filter(({ port }) => port === 80) ?? [];
    assert.deepEqual(b, {
      host: 'b.internal',
      port: 80,
      weight: 2,
      zone: 'a',
      priority: 1,
      isDraining: true,
    });
    await etcd.put('/s/a', 'http://10.0.0.1:9001');
    await etcd.delete('/s/c');
    await etcd.delete('/s/d');
    await site.finds('10.0.0.1:9001 b.internal:80');
    assert.deepEqual(site.problems, []);
  });

  it('are none where there are no keys', async () => {
    await using etcd = await etcdServer();
    await using site = watching([etcd.url]);
    await site.finds('');
    assert.deepEqual(site.found[0]?.endpoints, []);
  });

  it('go when their lease runs out', async () => {
    await using etcd = await etcdServer();
    const { ID } = await etcd.call('/v3/lease/grant', { TTL: '1' });
    await etcd.put('/s/a', 'http://10.0.0.1:80');
    await etcd.put('/s/b', 'http://10.0.0.2:80', String(ID));
    await using site = watching([etcd.url]);
    await site.finds('10.0.0.1:80 10.0.0.2:80');
    await site.finds('10.0.0.1:80');
  });

  it('are left out while they are malformed, which the log says once', async () => {
    await using etcd = await etcdServer();
    await etcd.put('/s/a', 'http://10.0.0.1:80');
    await etcd.put('/s/bad', 'https://10.0.0.2');
    await using site = watching([etcd.url], { haste: 1000 });
    await site.finds('10.0.0.1:80');
    await etcd.put('/s/bad', '{"host":"10.0.0.2","port":0}');
    await etcd.put('/s/c', 'http://10.0.0.3:80');
    await site.finds('10.0.0.1:80 10.0.0.3:80');
    const told = site.log.entries.map(({ fields }) => (fields as { name?: string }).name);
    assert.deepEqual(told, ['/s/bad']);
    await etcd.put('/s/bad', '{"host":"10.0.0.2","port":80}');
    await site.finds('10.0.0.1:80 10.0.0.2:80 10.0.0.3:80');
  });

  it('are right after fifty changes a second', async () => {
    await using etcd = await etcdServer();
    await using site = watching([etcd.url], { haste: 200 });
    for (let change = 0; change < 150; change++) {
      await etcd.put(`/s/${change % 10}`, `http://10.0.0.${change % 10}:${8000 + change}`);
      if (change % 7 === 0) await etcd.delete(`/s/${change % 5}`);
    }
    const { kvs } = await etcd.call('/v3/kv/range', { key: 'L3Mv', range_end: 'L3Mw' });
    const wanted = (kvs as { value: string }[])
      .map(({ value }) => Buffer.from(value, 'base64').toString().slice('http://'.length))
      .sort()
      .join(' ');
    await site.finds(wanted);
    assert.deepEqual(site.problems, []);
  });

  it('are kept through an outage, and right again after it, whatever was compacted', async () => {
    await using etcd = await etcdServer();
    await etcd.put('/s/a', 'http://10.0.0.1:80');
    await using site = watching([etcd.url], { haste: 20 });
    await site.finds('10.0.0.1:80');
    const before = site.found.length;
    await etcd.kill();
    await site.until(() => site.problems.length >= 3, 'it says that etcd is gone');
    assert.equal(site.found.length, before);
    await etcd.restart();
    await etcd.put('/s/b', 'http://10.0.0.2:80');
    await etcd.delete('/s/a');
    // Not the deletion itself: this etcd would forget to tell of it.
    await etcd.put('/x', 'another');
    await etcd.compact();
    await site.finds('10.0.0.2:80');
    await etcd.put('/s/c', 'http://10.0.0.3:80');
    await site.finds('10.0.0.2:80 10.0.0.3:80');
  });

  it('are listed anew when what happened between two watches was compacted', async () => {
    await using etcd = await etcdServer();
    await etcd.put('/s/a', 'http://10.0.0.1:80');
    // So hasty that most of what happens does so between two watches.
    await using site = watching([etcd.url], { haste: 3000 });
    await site.finds('10.0.0.1:80');
    for (let round = 0; round < 10; round++) {
      await etcd.put('/s/b', `http://10.0.0.2:${8000 + round}`);
      await etcd.put('/x', 'another');
      await etcd.compact();
      await site.finds(`10.0.0.1:80 10.0.0.2:${8000 + round}`);
    }
    assert.deepEqual(site.problems, []);
  });

  it('are found again in an etcd that began from an empty disk', async () => {
    await using etcd = await etcdServer();
    for (let port = 8000; port < 8020; port++) await etcd.put('/s/a', `http://10.0.0.1:${port}`);
    await using site = watching([etcd.url], { haste: 20 });
    await site.finds('10.0.0.1:8019');
    await etcd.kill();
    await etcd.forget();
    await etcd.restart();
    await etcd.put('/s/b', 'http://10.0.0.2:80');
    await site.finds('10.0.0.2:80');
  });

  it('come from the next server when one is gone or hangs', async () => {
    await using first = await etcdServer();
    await using second = await etcdServer();
    await first.put('/s/a', 'http://10.0.0.1:80');
    await second.put('/s/a', 'http://10.0.0.2:80');
    await using site = watching([first.url, second.url], { haste: 50, timeoutMs: 2000 });
    await site.finds('10.0.0.1:80');
    await first.kill();
    await site.finds('10.0.0.2:80');
    await first.restart();
    second.pause();
    await site.finds('10.0.0.1:80');
    second.resume();
  });

  it('are confirmed while nothing changes, as of the newest revision', async () => {
    await using etcd = await etcdServer();
    await etcd.put('/s/a', 'http://10.0.0.1:80');
    await using site = watching([etcd.url]);
    await site.finds('10.0.0.1:80');
    await etcd.put('/x', 'another');
    await site.until(() => site.found.at(-1)?.version === '3', 'a progress notice arrives');
    assert.deepEqual(new Set(site.found.map(({ endpoints }) => endpoints.length)), new Set([1]));
  });

  it('are shown to those who log in, also after a restart that forgets who has', async () => {
    await using etcd = await etcdServer();
    await etcd.put('/s/a', 'http://10.0.0.1:80');
    await etcd.requirePassword('secret');
    await using site = watching([etcd.url], { login: { username: 'root', password: 'secret' }, haste: 20 });
    await site.finds('10.0.0.1:80');
    await etcd.put('/s/b', 'http://10.0.0.2:80');
    await site.finds('10.0.0.1:80 10.0.0.2:80');
    await etcd.kill();
    await etcd.restart();
    await site.until(() => site.problems.length > 0, 'it notices the restart');
    const heard = site.found.length;
    await site.until(() => site.found.length > heard, 'it finds them again');
    assert.equal(site.places(), '10.0.0.1:80 10.0.0.2:80');
    await using stranger = watching([etcd.url], { login: { username: 'root', password: 'wrong' } });
    await stranger.until(() => stranger.problems.length > 1, 'it is refused');
    assert.match(stranger.problems[0] ?? '', /authenticate: status 400: .*authentication failed/);
    assert.equal(stranger.found.length, 0);
    assert.doesNotMatch(JSON.stringify([stranger.problems, stranger.log.entries]), /wrong/);
  });

  it('are looked for at once when somebody asks after a while', async () => {
    await using etcd = await etcdServer();
    await using site = watching([etcd.url]);
    await site.finds('');
    site.source.refresh();
    await etcd.put('/s/a', 'http://10.0.0.1:80');
    await site.finds('10.0.0.1:80');
    assert.deepEqual(site.problems, []);
  });
});
