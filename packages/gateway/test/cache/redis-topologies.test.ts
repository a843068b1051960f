// The cache that gateways share on a real Redis Cluster, on a master that sentinels know, and behind TLS.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { redisCluster, redisServer, withoutRedis } from '@turnpike/testkit/redis-server';
import { selfSigned } from '../identity/self-signed.ts';
import { configFor } from '../limits/redis-fixture.ts';
import { startCache, textOf, type CacheGateway } from './redis-cache-fixture.ts';

const OPTIONS = { skip: withoutRedis(), timeout: 180_000 };
/** Long, so that a busy machine is not taken for a Redis that fails. */
const TIMEOUT_MS = 60_000;

/** Everything that gateways do with each other. */
async function serves(one: CacheGateway, other: CacheGateway): Promise<void> {
  await one.whenCurrent();
  await other.whenCurrent();
  const keys = Array.from({ length: 30 }, (_, i) => `key ${i}`);
  for (const key of keys) await one.store(key, { body: Buffer.from(key) });
  for (const key of keys) assert.equal(textOf(await other.cache.get(key)), key);
  assert.equal(await one.cache.lock('key', 60_000), 'mine');
  assert.equal(await other.cache.lock('key', 60_000), 'theirs');
  await one.fleet.purge(['t hats'], 'hard');
  for (const key of keys) assert.equal(textOf(await other.cache.get(key)), key);
  await one.fleet.purge(['t shoes'], 'hard');
  for (const key of keys) assert.equal(textOf(await other.cache.get(key)), 'missing');
  await other.until(() => other.purged.includes('hard t shoes'), 'it hears of it');
  assert.deepEqual(other.purged, ['hard t hats', 'hard t shoes']);
}

describe('a cache in a Redis Cluster', OPTIONS, () => {
  it('is spread over its nodes, and purged in all of them', async () => {
    await using cluster = new AsyncDisposableStack();
    const nodes = await redisCluster();
    for (const node of nodes) cluster.use(node);
    const config = configFor(nodes.slice(0, 1), { mode: 'cluster', timeoutMs: TIMEOUT_MS });
    await using one = startCache(config);
    await using other = startCache(config);
    await serves(one, other);
    for (const node of nodes) assert.match(await node.cli('INFO', 'keyspace'), /db0:keys=[1-9]/);
  });

  it('stays in one slot with a prefix that has a hash tag', async () => {
    await using cluster = new AsyncDisposableStack();
    const nodes = await redisCluster();
    for (const node of nodes) cluster.use(node);
    const config = configFor(nodes, { mode: 'cluster', keyPrefix: '{shop}:', timeoutMs: TIMEOUT_MS });
    await using one = startCache(config);
    await using other = startCache(config);
    await serves(one, other);
    const sizes = await Promise.all(nodes.map((node) => node.cli('DBSIZE')));
    assert.equal(sizes.filter((size) => size === '0').length, 2);
  });
});

describe('a cache in a Redis that sentinels watch', OPTIONS, () => {
  it('goes to the master, and to the next one when that is gone, which brings nothing back', async () => {
    await using master = await redisServer();
    await using replica = await redisServer({ config: [`replicaof 127.0.0.1 ${master.port}`] });
    const lines = [
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 5000',
    ];
    await using sentinel = await redisServer({ role: 'sentinel', config: lines });
    const config = configFor([sentinel], { mode: 'sentinel', master: 'main', timeoutMs: TIMEOUT_MS });
    await using one = startCache(config);
    await using other = startCache(config);
    const isReplicated = async () => /master_link_status:up/.test(await replica.cli('INFO', 'replication'));
    await one.until(isReplicated, 'the replica follows');
    const isKnown = async () => /num-slaves\n1\n/.test(await sentinel.cli('SENTINEL', 'MASTER', 'main'));
    await one.until(isKnown, 'the sentinel knows the replica');
    await serves(one, other);
    await one.store('kept');
    await one.store('purged', { tags: ['t lost'] });
    assert.equal(await master.cli('WAIT', '1', '60000'), '1');
    // From here on the replica hears nothing, and this purge is lost with the master.
    replica.pause();
    await one.fleet.purge(['t lost'], 'hard');
    await other.until(() => other.purged.includes('hard t lost'), 'it hears of it');
    assert.equal(textOf(await one.cache.get('purged')), 'missing');
    assert.equal(textOf(await other.cache.get('purged')), 'missing');
    await master.kill();
    replica.resume();
    assert.equal(textOf(await other.whenUp('purged')), 'missing');
    assert.equal(textOf(await one.whenUp('purged')), 'missing');
    await one.store('purged');
    assert.equal(textOf(await other.whenUp('purged')), 'a response');
    assert.match(await replica.cli('INFO', 'replication'), /role:master/);
  });
});

describe('a cache in a Redis behind TLS', OPTIONS, () => {
  it('is shared by those who believe it', async () => {
    const own = selfSigned();
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-authorities-'));
    try {
      const authorities = join(directory, 'own.pem');
      await writeFile(authorities, own.cert);
      await using redis = await redisServer({ tls: own });
      const config = configFor([redis], { authorities, timeoutMs: TIMEOUT_MS });
      await using one = startCache(config);
      await using other = startCache(config);
      await serves(one, other);
      await using stranger = startCache({ ...config, authorities: null });
      await stranger.until(() => stranger.said.length > 0, 'it says why not');
      assert.equal(textOf(await stranger.cache.get('key')), 'unavailable');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
