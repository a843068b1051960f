// What is in memory outlasts the process: gateways that begin with the file of the one before.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Supervisor } from '../../src/main.ts';
import { redisServer, withoutRedis } from '@turnpike/testkit/redis-server';
import { ask, onSite, saying, until, type Answer, type Site } from '../threads/fixture.ts';

const HOST = 'shop.example';

/** What the service was asked. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly ifNoneMatch: string | undefined;
}

interface World extends Site {
  readonly asked: Asked[];
  /** The file of the cache. */
  readonly path: string;
  /** A configuration with more in it. */
  config(policies?: object, sections?: object): string;
  /** Starts a gateway and waits until it has everything back. */
  next(): Promise<Supervisor>;
}

const get = (gateway: Supervisor, path: string, method = 'GET', fields = {}): Promise<Answer> =>
  ask(gateway.ports.get('web'), path, { method, headers: { host: HOST, ...fields } });

const statusOf = ({ headers }: Answer): string => String(headers['cache-status']);

/** The fields of what was logged. */
const said = ({ log }: Pick<Site, 'log'>, message: string): object[] =>
  log.entries.filter((entry) => entry.message === message).map(({ fields }) => fields);

/** A service whose responses have an entity tag, but for those below /plain/. */
async function inWorld(use: (world: World) => Promise<void>): Promise<void> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const { method = '', url: path = '' } = request;
    const ifNoneMatch = request.headers['if-none-match'];
    asked.push({ method, path, ifNoneMatch });
    response.setHeader('cache-control', 'max-age=600');
    if (path.includes('/tagged')) response.setHeader('cache-tag', 'tagged');
    if (!path.startsWith('/plain/')) response.setHeader('etag', `"${path}"`);
    if (ifNoneMatch === `"${path}"`) response.writeHead(304).end();
    else response.end(`${path} `.repeat(2000));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await onSite('{}', async (site) => {
      const path = join(site.directory, 'kept', 'cache');
      const config = (policies: object = {}, sections: object = {}): string =>
        saying('', {
          services: { shop: { endpoints: [url] } },
          routes: { shop: { match: { path: '/*' }, service: 'shop', policies: { cache: {}, ...policies } } },
          stores: { cache: { size: '8MiB', warmStart: { file: path, every: '1h' } } },
          runtime: { threads: 1, drainTimeout: '5s' },
          ...sections,
        });
      await site.write(config());
      const next = async (): Promise<Supervisor> => {
        const before = said(site, 'the cache was brought back').length;
        const gateway = await site.start({ watch: false });
        await site.log.heard('the cache was brought back', before + 1);
        return gateway;
      };
      await use({ ...site, asked, path, config, next });
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Fills it, and ends in order. */
async function firstLife({ start }: World, paths: readonly string[]): Promise<void> {
  const gateway = await start({ watch: false });
  for (const path of paths) await get(gateway, path);
  await gateway.stop('SIGTERM');
}

/** The same with a fleet: who learns late where its log of purges is forgets all that came before, so another life may be needed. */
async function sharingLife(world: World, paths: readonly string[]): Promise<void> {
  await until(async () => {
    const gateway = await world.start({ watch: false });
    await until(async () => (await ask(gateway.adminPort, '/cache/purge', another)).status === 200);
    for (const path of paths) await until(async () => /; hit/.test(statusOf(await get(gateway, path))));
    await gateway.stop('SIGTERM');
    const kept = await readFile(world.path);
    return paths.every((path) => kept.includes(`${path} ${path} `));
  });
}

describe('a gateway that begins with what the one before had', () => {
  it('answers from memory at once, and asks nobody', async () => {
    await inWorld(async (world) => {
      const paths = ['/a', '/a?x=1', '/plain/b'];
      await firstLife(world, paths);
      assert.equal((await stat(world.path)).mode & 0o777, 0o600);
      const gateway = await world.next();
      for (const path of paths) {
        const answer = await get(gateway, path);
        assert.match(statusOf(answer), /; hit; ttl=/);
        assert.equal(answer.body, `${path} `.repeat(2000));
      }
      assert.equal(world.asked.length, 3);
      const { body } = await ask(gateway.adminPort, '/metrics');
      assert.match(body, /^turnpike_cache_restored_total\{result="restored"\} 3$/m);
      await ask(gateway.adminPort, '/cache/purge', { method: 'POST', body: '{"all":true}' });
      assert.match(statusOf(await get(gateway, '/a')), /fwd=uri-miss/);
    });
  });

  it('has nothing of what was purged before, by whomever', async () => {
    await inWorld(async (world) => {
      const gateway = await world.start({ watch: false });
      for (const path of ['/a', '/put', '/tagged']) await get(gateway, path);
      await get(gateway, '/put', 'PUT');
      const tag = JSON.stringify({ tag: 'tagged' });
      await ask(gateway.adminPort, '/cache/purge', { method: 'POST', body: tag });
      await gateway.stop('SIGTERM');
      const again = await world.next();
      for (const path of ['/put', '/tagged'])
        assert.match(statusOf(await get(again, path)), /fwd=uri-miss/, path);
      assert.match(statusOf(await get(again, '/a')), /; hit; /);
    });
  });

  it('gives nothing unasked of a file that was left in use, as by one that was killed', async () => {
    await inWorld(async (world) => {
      await firstLife(world, ['/a', '/plain/b']);
      // As it is from the moment when a gateway has begun with it.
      await withLeft(world.path, 0);
      const gateway = await world.next();
      const answer = await get(gateway, '/a');
      assert.match(statusOf(answer), /fwd=stale; fwd-status=304/);
      assert.equal(world.asked.at(-1)?.ifNoneMatch, '"/a"');
      assert.equal(answer.body, '/a '.repeat(2000));
      assert.match(statusOf(await get(gateway, '/a')), /; hit; /);
      assert.match(statusOf(await get(gateway, '/plain/b')), /fwd=uri-miss/);
    });
  });

  it('has nothing for a route that tells its responses apart by something else by now', async () => {
    await inWorld(async (world) => {
      await firstLife(world, ['/a']);
      await world.write(world.config({ cache: { setCookie: 'strip' } }));
      const gateway = await world.next();
      assert.match(statusOf(await get(gateway, '/a')), /fwd=uri-miss/);
      assert.equal(Object(said(world, 'the cache was brought back')[0])['left-out'], 1);
    });
  });

  it('begins empty, and says so, where the file is damaged or is none', async () => {
    await inWorld(async (world) => {
      await mkdir(join(world.directory, 'kept'));
      await writeFile(world.path, 'something else', { mode: 0o600 });
      const gateway = await world.start({ watch: false });
      assert.equal(said(world, 'the cache begins empty: its file cannot be used').length, 1);
      await get(gateway, '/a');
      await gateway.stop('SIGTERM');
      const bytes = await readFile(world.path);
      await writeFile(world.path, bytes.subarray(0, bytes.length - 100));
      const again = await world.next();
      assert.equal(said(world, 'the file of the cache is damaged: what follows is left out').length, 1);
      assert.match(statusOf(await get(again, '/a')), /fwd=uri-miss/);
    });
  });

  it('writes it now and then, as something that is in use', async () => {
    await inWorld(async (world) => {
      const stores = { cache: { size: '8MiB', warmStart: { file: world.path, every: '1ms' } } };
      await world.write(world.config({}, { stores }));
      const gateway = await world.start({ watch: false });
      await get(gateway, '/a');
      await until(async () => (await readFile(world.path).catch(() => Buffer.alloc(0))).includes('/a /a '));
      assert.equal((await readFile(world.path)).readUInt32LE(16), 0);
    });
  });

  it('goes on without a file that cannot be written', async () => {
    await inWorld(async (world) => {
      await writeFile(join(world.directory, 'kept'), 'no directory');
      await firstLife(world, ['/a']);
      assert.equal(said(world, 'the cache could not be written to its file').length, 1);
    });
  });
});

describe('a reload that changes for whom responses are', () => {
  it('forgets those that were stored by the rules before, and no others', async () => {
    await inWorld(async (world) => {
      const gateway = await world.start({ watch: false });
      await get(gateway, '/a');
      await world.write(world.config({ cache: { staleIfError: '1h' } }));
      await gateway.reload('test');
      assert.match(statusOf(await get(gateway, '/a')), /; hit; /);
      await world.write(world.config({ cache: { key: { identity: 'never' } } }));
      await gateway.reload('test');
      assert.match(statusOf(await get(gateway, '/a')), /fwd=uri-miss/);
    });
  });
});

describe(
  'gateways that share their cache, one of which was away',
  { skip: withoutRedis(), timeout: 120_000 },
  () => {
    it('has heard of what the others purged before it gives anything from its file', async () => {
      await using redis = await redisServer();
      await inWorld(async (world) => {
        const config = (file: string, policies: object = { cache: { store: 'redis' } }) =>
          world.config(policies, {
            stores: {
              cache: { size: '8MiB', warmStart: { file } },
              redis: { url: redis.url, timeout: '5s' },
            },
          });
        await world.write(config(world.path));
        await sharingLife(world, ['/a', '/b']);
        await world.write(config(`${world.path}.two`));
        const two = await world.start({ watch: false });
        const purge = { method: 'POST', body: JSON.stringify({ address: `http://${HOST}/a` }) };
        await until(async () => (await ask(two.adminPort, '/cache/purge', purge)).status === 200);
        await two.stop('SIGTERM');
        await world.write(config(world.path));
        const asked = world.asked.length;
        const again = await world.next();
        const back = JSON.stringify(said(world, 'the cache was brought back'));
        assert.match(statusOf(await get(again, '/b')), /; hit; ttl=\d+$/, back);
        assert.match(statusOf(await get(again, '/a')), /fwd=uri-miss/);
        assert.equal(world.asked.length, asked + 1);
      });
    });

    it('asks first when nobody can tell it what was purged', async () => {
      const redis = await redisServer();
      await inWorld(async (world) => {
        const redisStore = { url: redis.url, timeout: '1s' };
        const stores = { cache: { size: '8MiB', warmStart: { file: world.path } }, redis: redisStore };
        await world.write(world.config({ cache: { store: 'redis' } }, { stores }));
        await sharingLife(world, ['/a']);
        await redis[Symbol.asyncDispose]();
        const again = await world.next();
        assert.equal(Object(said(world, 'the cache was brought back').at(-1))['trust'], 'ask-first');
        assert.match(statusOf(await get(again, '/a')), /fwd=stale; fwd-status=304/);
      });
    });
  },
);

/** A purge of nothing that matters. */
const another = { method: 'POST', body: JSON.stringify({ address: `http://${HOST}/another` }) };

async function withLeft(path: string, word: number): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt32LE(word, 16);
  await writeFile(path, bytes);
}
