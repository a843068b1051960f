// Counters on a real Redis Cluster of three nodes, and on a master that sentinels know.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { redisCluster, redisServer, withoutRedis } from '@turnpike/testkit/redis-server';
import { charge, configFor, DAILY, startGateway } from './redis-fixture.ts';

const OPTIONS = { skip: withoutRedis(), timeout: 180_000 };

describe('counters in a Redis Cluster', OPTIONS, () => {
  it('are spread over its nodes, and count what many requests at once ask for', async () => {
    await using cluster = new AsyncDisposableStack();
    const nodes = await redisCluster();
    for (const node of nodes) cluster.use(node);
    await using gateway = startGateway(configFor(nodes.slice(0, 1), { mode: 'cluster' }));
    await gateway.whenAnswered(charge());
    const keys = Array.from({ length: 60 }, (_, i) => `key ${i}`);
    const quota = { ...DAILY, burst: 3 };
    const answers = keys.flatMap((key) => [1, 2, 3, 4].map(() => gateway.allows(charge({ key, quota }))));
    const allowed = (await Promise.all(answers)).filter((isAllowed) => isAllowed);
    assert.equal(allowed.length, 180);
    for (const node of nodes) assert.match(await node.cli('INFO', 'keyspace'), /db0:keys=[1-9]/);
  });

  it('take from all buckets or from none, also if these are on several nodes', async () => {
    await using cluster = new AsyncDisposableStack();
    const nodes = await redisCluster();
    for (const node of nodes) cluster.use(node);
    await using gateway = startGateway(configFor(nodes, { mode: 'cluster' }));
    const keys = Array.from({ length: 12 }, (_, i) => `key ${i}`);
    const many = keys.map((key) => charge({ key, quota: { limit: 10, windowMs: 86_400_000, burst: 10 } }));
    const few = charge({ key: 'few', quota: { limit: 2, windowMs: 86_400_000, burst: 2 } });
    assert.equal(await gateway.whenAnswered(...many, few), true);
    assert.equal(await gateway.whenAnswered(...many, few), true);
    for (let i = 0; i < 5; i++) assert.equal(await gateway.whenAnswered(...many, few), false);
    // What some nodes had let through has come back: each of the many has eight units left.
    for (let taken = 0; taken < 8;) {
      if (await gateway.whenAnswered(...many)) taken++;
      else gateway.pass(1100);
    }
    gateway.pass(1100);
    assert.equal(await gateway.whenAnswered(...many), false);
  });
});

describe('counters in a Redis that sentinels watch', OPTIONS, () => {
  it('go to the master, and to the next one when that is gone', async () => {
    await using master = await redisServer();
    await using replica = await redisServer({ config: [`replicaof 127.0.0.1 ${master.port}`] });
    const config = [
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 5000',
    ];
    await using sentinel = await redisServer({ role: 'sentinel', config });
    await eventuallySays(() => sentinel.cli('SENTINEL', 'MASTER', 'main'), /num-slaves\n1\n/);
    await eventuallySays(() => replica.cli('INFO', 'replication'), /master_link_status:up/);

    await using gateway = startGateway(configFor([sentinel], { mode: 'sentinel', master: 'main' }));
    assert.equal(await gateway.whenAnswered(charge()), true);
    assert.match(await master.cli('INFO', 'commandstats'), /cmdstat_eval/);
    await master.kill();
    assert.equal(await gateway.whenAnswered(charge({ key: 'bob' })), true);
    assert.match(await replica.cli('INFO', 'replication'), /role:master/);
  });

  it('do not count on a server that a sentinel takes for the master, but that is none', async () => {
    await using master = await redisServer();
    await using replica = await redisServer({ config: [`replicaof 127.0.0.1 ${master.port}`] });
    const config = [`sentinel monitor main 127.0.0.1 ${replica.port} 2`];
    await using sentinel = await redisServer({ role: 'sentinel', config });
    await using gateway = startGateway(configFor([sentinel], { mode: 'sentinel', master: 'main' }));
    await eventually(() => gateway.said.length > 0, 'the log says something');
    assert.match(gateway.said.join(), /is not the master/);
  });
});

/** Asks again until the answer fits. */
async function eventuallySays(ask: () => Promise<string>, pattern: RegExp): Promise<void> {
  let said = '';
  const endsAtMs = performance.now() + 30_000;
  while (!pattern.test(said)) {
    assert.ok(performance.now() < endsAtMs, said);
    said = await ask();
  }
}
