// Counters on a real Redis that speaks TLS only, with authorities that the test makes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createServer } from 'node:tls';
import type { RedisConfig } from '@turnpike/config';
import { eventually } from '@turnpike/testkit';
import { redisServer, withoutRedis, type RedisServer } from '@turnpike/testkit/redis-server';
import { selfSigned } from '../identity/self-signed.ts';
import { ask, onSite, saying } from '../threads/fixture.ts';
import { charge, configFor, isUnavailable, startGateway, type Gateway } from './redis-fixture.ts';

const own = selfSigned();
const strange = selfSigned();
const MISTRUST = /self-signed certificate|unable to verify/;

describe('counters in a Redis behind TLS', { skip: withoutRedis(), timeout: 180_000 }, () => {
  let directory = '';
  const fileOf = (name: string) => join(directory, name);
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'turnpike-authorities-'));
    await writeFile(fileOf('own.pem'), own.cert);
    await writeFile(fileOf('strange.pem'), strange.cert);
  });
  after(() => rm(directory, { recursive: true }));

  const believing = (redis: RedisServer, name: string, fields: Partial<RedisConfig> = {}) =>
    startGateway(configFor([redis], { authorities: fileOf(name), ...fields }));

  it('count there, with a user and a password that have to be escaped', async () => {
    const config = ['user default off', 'user gate on >p@ss/w:ord ~* &* +@all'];
    await using redis = await redisServer({ tls: own, config });
    const at = (login: string) => redis.url.replace('//', `//${login}@`);
    await using gateway = believing(redis, 'own.pem', { urls: [at('gate:p%40ss%2Fw%3Aord')] });
    assert.equal(await gateway.whenAnswered(charge({ cost: 1000 })), true);
    assert.equal(await gateway.whenAnswered(charge()), false);

    await using guessing = believing(redis, 'own.pem', { urls: [at('gate:secret')] });
    await logs(guessing, /WRONGPASS/);
    assert.doesNotMatch(guessing.said.join(), /secret/);
    assert.equal(await isUnavailable(guessing.allows(charge())), true);
  });

  it('say so when nobody vouches for it, and go to it once somebody does', async () => {
    await using redis = await redisServer({ tls: own });
    await using trusting = startGateway(configFor([redis]));
    await logs(trusting, MISTRUST);

    await writeFile(fileOf('changing.pem'), strange.cert);
    await using gateway = believing(redis, 'changing.pem');
    await logs(gateway, MISTRUST);
    assert.equal(await isUnavailable(gateway.allows(charge())), true);
    await writeFile(fileOf('changing.pem'), own.cert);
    assert.equal(await gateway.whenAnswered(charge()), true);
    assert.match(gateway.said.join(), /redis can be reached again/);
  });

  it('say so when the file with the authorities is not there, or holds none', async () => {
    await using redis = await redisServer({ tls: own });
    await using lost = believing(redis, 'none.pem');
    await logs(lost, /ENOENT.*none\.pem/);
    await writeFile(fileOf('key.pem'), own.key);
    await using wrong = believing(redis, 'key.pem');
    await logs(wrong, /key\.pem holds no certificate/);
  });

  it('believe no certificate that is of somebody else', async () => {
    await using redis = await redisServer({ tls: own });
    const urls = [redis.url.replace('localhost', '127.0.0.1')];
    await using gateway = believing(redis, 'own.pem', { urls });
    await logs(gateway, /127\.0\.0\.1/);
    assert.equal(await isUnavailable(gateway.allows(charge())), true);
  });

  it('count in a cluster, and say why none of its nodes can be asked', async () => {
    const named = ['cluster-announce-hostname localhost', 'cluster-preferred-endpoint-type hostname'];
    await using redis = await redisServer({
      tls: own,
      config: ['cluster-enabled yes', 'tls-cluster yes', ...named],
    });
    await redis.cli('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await using gateway = believing(redis, 'own.pem', { mode: 'cluster' });
    assert.equal(await gateway.whenAnswered(charge({ cost: 1000 })), true);
    assert.equal(await gateway.whenAnswered(charge()), false);
    await using mistrusting = believing(redis, 'strange.pem', { mode: 'cluster' });
    await logs(mistrusting, MISTRUST);
  });

  it('count where sentinels behind TLS say', async () => {
    await using master = await redisServer({ tls: own });
    const config = [
      'tls-replication yes',
      'sentinel resolve-hostnames yes',
      'sentinel announce-hostnames yes',
      `sentinel monitor main localhost ${master.port} 1`,
    ];
    await using sentinel = await redisServer({ role: 'sentinel', tls: own, config });
    await using gateway = believing(sentinel, 'own.pem', { mode: 'sentinel', master: 'main' });
    assert.equal(await gateway.whenAnswered(charge()), true);
    assert.match(await master.cli('INFO', 'commandstats'), /cmdstat_eval/);
  });

  it('are treated as their limits say while they cannot be trusted', async () => {
    await using redis = await redisServer({ tls: own });
    const limited = (whenStoreFails: string) => ({
      match: { path: `/${whenStoreFails}` },
      respond: { status: 204 },
      policies: { rateLimit: { limit: 1, per: '1d', by: 'ip', store: 'redis', whenStoreFails } },
    });
    const routes = { deny: limited('deny'), allow: limited('allow'), local: limited('local') };
    const stores = { redis: { url: redis.url, authorities: fileOf('strange.pem') } };
    await onSite(saying('', { routes, stores }), async ({ start, log }) => {
      const { ports } = await start();
      await log.heard('redis cannot be reached');
      const statuses = async (path: string) => [
        (await ask(ports.get('web'), path)).status,
        (await ask(ports.get('web'), path)).status,
      ];
      assert.deepEqual(await statuses('/deny'), [503, 503]);
      assert.deepEqual(await statuses('/allow'), [204, 204]);
      assert.deepEqual(await statuses('/local'), [204, 429]);
    });
  });

  it('tell the server by which name they know it', async () => {
    const { promise: name, resolve } = Promise.withResolvers<string>();
    const server = createServer({ ...own, SNICallback: (asked, done) => (resolve(asked), done(null)) });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const config = configFor([], {
      urls: [`rediss://localhost:${port}`],
      authorities: fileOf('strange.pem'),
    });
    await using gateway = startGateway(config);
    assert.equal(await name, 'localhost');
    await logs(gateway, MISTRUST);
    server.close();
  });
});

/** Waits for a line of the log, and lets time pass meanwhile. */
async function logs({ said }: Gateway, pattern: RegExp): Promise<void> {
  await eventually(() => said.length > 0, 'the log says something');
  assert.match(said.join('\n'), pattern);
}
