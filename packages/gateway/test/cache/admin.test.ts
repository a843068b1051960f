import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { CacheEntries, CachePurged, CacheStats } from '../../src/admin/cache-port.ts';
import type { Supervisor } from '../../src/main.ts';
import { ask, onSite, saying, until, type Answer } from '../threads/fixture.ts';

const HOST = 'shop.example';
const THREADS = 3;
/** So many connections that each thread has some. */
const CONNECTIONS = 12;

interface Shop {
  readonly gateway: Supervisor;
  /** What the service was asked. */
  readonly asked: IncomingMessage[];
  /** What it says from now on. */
  say(body: string, headers?: Readonly<Record<string, string>>): void;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Asks on many connections, so that each thread is asked; gives the bodies that there were. */
  bodies(path: string): Promise<string[]>;
  purge(order: unknown): Promise<Answer>;
  json<T>(path: string): Promise<T>;
}

/** A gateway with a cache of several threads, before a service that says what the test wants. */
async function shop(use: (shop: Shop) => Promise<void>, more: object = {}): Promise<void> {
  let answer = { body: 'first', headers: {} as Readonly<Record<string, string>> };
  const asked: IncomingMessage[] = [];
  const service = createServer((request, response) => {
    asked.push(request);
    response.writeHead(200, { 'Cache-Control': 'max-age=600', ...answer.headers }).end(answer.body);
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const sections = {
    runtime: { threads: THREADS, drainTimeout: '5s' },
    services: { shop: { endpoints: [`http://127.0.0.1:${port}`] } },
    routes: {
      all: { match: { path: '/*' }, service: 'shop', policies: { cache: {} } },
      pages: { match: { path: '/pages/*' }, service: 'shop', policies: { cache: { key: { query: ['n'] } } } },
      own: { match: { path: '/own/*' }, service: 'shop', policies: { cache: { size: '2MiB' } } },
      plain: { match: { path: '/plain' }, service: 'shop' },
    },
    ...more,
  };
  try {
    await onSite(saying('', sections), async ({ start }) => {
      const gateway = await start();
      const get: Shop['get'] = (path, headers = {}) =>
        ask(gateway.ports.get('web'), path, { headers: { host: HOST, ...headers } });
      await use({
        gateway,
        asked,
        get,
        say: (body, headers = {}) => (answer = { body, headers }),
        bodies: async (path) => {
          const answers = await Promise.all(Array.from({ length: CONNECTIONS }, () => get(path)));
          return [...new Set(answers.map(({ body }) => body))];
        },
        purge: (order) =>
          ask(gateway.adminPort, '/cache/purge', { method: 'POST', body: JSON.stringify(order) }),
        json: async (path) => JSON.parse((await ask(gateway.adminPort, path)).body),
      });
    });
  } finally {
    service.close();
    service.closeAllConnections();
  }
}

/** Tests that begin with nothing stored, one after the other on one gateway: its start takes longer than all of them. */
const onOneGateway: [name: string, test: (shop: Shop) => Promise<void>][] = [];
const onOne = (...test: (typeof onOneGateway)[number]): void => void onOneGateway.push(test);

const addressesOf = ({ entries }: CacheEntries) => inOrder(entries.map(({ address }) => String(address)));
const inOrder = (texts: readonly string[]) => texts.toSorted((a, b) => (a < b ? -1 : 1));

describe('a purge on the admin API', () => {
  const orders: readonly (readonly [object, string, Partial<CachePurged>])[] = [
    [
      { address: 'http://SHOP.example:80/x/../a/b?c' },
      '/a/b?c',
      { by: 'address', value: `http://${HOST}/a/b?c`, memories: ['*', 'own'] },
    ],
    [{ prefix: `http://${HOST}/a/` }, '/a/b?c', { by: 'prefix', value: `http://${HOST}/a/` }],
    [{ tag: 'prices' }, '/a/b?c', { by: 'tag', value: 'prices' }],
    [{ group: 'g 1', origin: `http://${HOST}` }, '/a/b?c', { by: 'group', value: 'g 1' }],
    [{ route: 'all' }, '/a/b?c', { by: 'route', value: 'all', memories: ['*'] }],
    [{ route: 'own' }, '/own/b', { by: 'route', value: 'own', memories: ['own'] }],
    [{ all: true }, '/own/b', { by: 'all', value: 'all', memories: ['*', 'own'] }],
    [{ address: `http://${HOST}/pages/b?utm=x&n=1` }, '/pages/b?n=1&utm=y', { by: 'address' }],
  ];
  onOne('reaches all threads at once, whatever it is asked by', async ({ say, bodies, purge }) => {
    for (const [order, path, expected] of orders) {
      say('old', { 'Surrogate-Key': 'a prices', 'Cache-Groups': '"g 1"' });
      await bodies(path);
      say('new');
      // Who cannot have the lock for some milliseconds, on a busy machine, asks for itself.
      assert.ok((await bodies(path)).includes('old'));
      const { status, body } = await purge(order);
      assert.equal(status, 200, body);
      const purged: CachePurged = JSON.parse(body);
      assert.deepEqual({ ...purged, ...expected, kind: 'hard' }, purged);
      assert.deepEqual(await bodies(path), ['new'], body);
      await purge({ all: true });
    }
  });

  onOne('leaves everything else', async ({ say, get, purge }) => {
    for (const path of ['/a/b', '/a', '/own/a/b', '/ab']) await get(path);
    say('new');
    await purge({ prefix: `http://${HOST}/a/` });
    const bodies = [];
    for (const path of ['/a/b', '/a', '/own/a/b', '/ab']) bodies.push((await get(path)).body);
    assert.deepEqual(bodies, ['new', 'first', 'first', 'first']);
  });

  onOne(
    'that is soft has the service asked whether it is still the same',
    async ({ say, get, purge, asked, json }) => {
      say('old', { ETag: '"v"' });
      await get('/a');
      const { body } = await purge({ all: true, soft: true });
      assert.equal(JSON.parse(body).kind, 'soft');
      const [entry] = (await json<CacheEntries>('/cache/entries')).entries;
      assert.equal(entry?.state, 'purged');
      await get('/a');
      assert.equal(asked[1]?.headers['if-none-match'], '"v"');
    },
  );

  const refused: readonly (readonly [unknown, RegExp])[] = [
    [[], /the body must be an object/],
    [{}, /one of address, prefix, tag, group, route, all is needed/],
    [{ tag: 'a', all: true }, /tag and all are too much/],
    [{ all: false }, /all can only be true/],
    [{ tag: 7 }, /tag must be a text/],
    [{ tag: 'a b' }, /without spaces and commas/],
    [{ tag: 'a', soft: 'yes' }, /soft must be true or false/],
    [{ tags: ['a'] }, /\\"tags\\" is not known/],
    [{ address: '/a' }, /address must be like https:/],
    [{ address: 'https://a b/' }, /address must be like https:/],
    [{ address: 'https://a/%2f' }, /address must be like https:/],
    [{ address: 'https://a/#b' }, /address must be like https:/],
    [{ prefix: 'https://a/b' }, /must end with a slash: https:\/\/a\/b\/ /],
    [{ prefix: 'https://a/b/?c' }, /prefix must be like/],
    [{ group: 'a' }, /group needs the origin/],
    [{ group: 'a', origin: 'https://a/b' }, /without a path: https:\/\/a"/],
    [{ tag: 'a', origin: 'https://a' }, /origin only goes with a group/],
  ];
  onOne('says what is wrong with an order that it does not follow', async ({ purge, json }) => {
    const purges = async () => (await json<CacheStats>('/cache')).memories.map(({ purges }) => purges);
    const before = await purges();
    for (const [order, expected] of refused) {
      const { status, body, headers } = await purge(order);
      assert.equal(status, 422, JSON.stringify(order));
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.match(body, expected);
    }
    const unknown = await purge({ route: 'plain' });
    assert.equal(unknown.status, 404);
    assert.match(unknown.body, /no route \\"plain\\" keeps responses; these do: all, pages, own"/);
    assert.deepEqual(await purges(), before);
  });

  it('needs an editor, and to look at it a viewer', async () => {
    const tokens = [
      { token: 'look-at-it', role: 'viewer' },
      { token: 'change-it', role: 'editor' },
    ];
    await shop(
      async ({ gateway: { adminPort } }) => {
        const call = async (method: string, path: string, token: string) =>
          (
            await ask(adminPort, path, {
              method,
              body: method === 'POST' ? '{"all":true}' : '',
              headers: { authorization: `Bearer ${token}` },
            })
          ).status;
        for (const path of ['/cache', '/cache/entries']) {
          assert.equal(await call('GET', path, 'look-at-it'), 200);
          assert.equal(await call('GET', path, 'nobody'), 401);
        }
        for (const [method, path] of [
          ['POST', '/cache/purge'],
          ['DELETE', `/cache/entries?address=http://${HOST}/`],
        ] as const) {
          assert.equal(await call(method, path, 'look-at-it'), 403);
          assert.equal(await call(method, path, 'change-it'), 200);
        }
      },
      { admin: { address: '127.0.0.1:0', tokens } },
    );
  });
});

describe('the entries on the admin API', () => {
  onOne('come page by page, each once', async ({ get, json }) => {
    const paths = [...Array.from({ length: 7 }, (_, i) => `/a/${i}`), '/own/1', '/own/2'];
    for (const path of paths) await get(path);
    const seen: string[] = [];
    let pages = 0;
    for (let cursor: string | null = ''; cursor !== null; pages++) {
      const page: CacheEntries = await json(`/cache/entries?limit=2${cursor}`);
      assert.ok(page.entries.length <= 2);
      seen.push(...addressesOf(page));
      cursor = page.next && `&cursor=${encodeURIComponent(page.next)}`;
    }
    assert.deepEqual(inOrder(seen), inOrder(paths.map((path) => `http://${HOST}${path}`)));
    assert.ok(pages >= 5);
  });

  onOne('can be asked for as they can be purged', async ({ get, say, json }) => {
    say('x', { 'Cache-Tag': 'red' });
    await get('/a/1');
    say('x');
    for (const path of ['/a/2', '/b', '/own/1', '/pages/p?n=1&utm=2']) await get(path);
    const listed = async (query: string) =>
      addressesOf(await json<CacheEntries>(`/cache/entries?${query}`)).map((address) =>
        address.replace(`http://${HOST}`, ''),
      );
    assert.deepEqual(await listed('tag=red'), ['/a/1']);
    assert.deepEqual(await listed(`prefix=http://${HOST}/a/`), ['/a/1', '/a/2']);
    assert.deepEqual(await listed(`address=http://${HOST}/b`), ['/b']);
    assert.deepEqual(await listed('route=own'), ['/own/1']);
    assert.deepEqual(await listed(`address=${encodeURIComponent(`http://${HOST}/pages/p?utm=3&n=1`)}`), [
      '/pages/p?n=1',
    ]);
    assert.deepEqual(await listed('tag=blue'), []);
  });

  onOne('tell how fresh they are and what tells them apart, without secrets', async ({ get, say, json }) => {
    say('12345', { Vary: 'Accept-Language, X-Secret' });
    for (let i = 0; i < 3; i++) await get('/a', { 'accept-language': 'de', 'x-secret': 'hunter2' });
    const { entries } = await json<CacheEntries>('/cache/entries');
    const [entry] = entries.filter(({ kind }) => kind === 'response');
    assert.ok(entry !== undefined && entries.length === 2);
    const { ageSeconds, freshSeconds, memoryBytes, ...rest } = entry;
    assert.deepEqual(rest, {
      memory: '*',
      route: 'all',
      address: `http://${HOST}/a`,
      kind: 'response',
      state: 'fresh',
      status: 200,
      hits: 2,
      bodyBytes: 5,
      variant: { 'accept-language': 'de', 'x-secret': '***' },
      isForOneCaller: false,
    });
    // Both are rounded down.
    assert.ok([599, 600].includes((ageSeconds ?? 0) + (freshSeconds ?? 0)));
    assert.ok(memoryBytes > 5);
    assert.ok(!JSON.stringify(entries).includes('hunter2'));
  });

  onOne('go one address at a time', async ({ get, gateway: { adminPort }, json }) => {
    for (const path of ['/a', '/b']) await get(path);
    const { status } = await ask(adminPort, `/cache/entries?address=http://${HOST}/a`, {
      method: 'DELETE',
    });
    assert.equal(status, 200);
    assert.deepEqual(addressesOf(await json('/cache/entries')), [`http://${HOST}/b`]);
    assert.equal((await ask(adminPort, '/cache/entries', { method: 'DELETE' })).status, 422);
  });

  onOne('are not asked for in any other way', async ({ gateway: { adminPort } }) => {
    for (const [query, expected] of [
      ['limit=0', /limit must be from 1 to 1000/],
      ['limit=1001', /limit must be/],
      ['cursor=7', /cursor must be/],
      ['cursor=7.gone', /cursor must be/],
      ['tag=a&tag=b', /\\"tag\\" is not known, or comes twice/],
      ['what=a', /\\"what\\" is not known/],
      ['tag=a&all=true', /too much/],
      ['soft=true', /not known/],
    ] as const) {
      const { status, body } = await ask(adminPort, `/cache/entries?${query}`);
      assert.equal(status, 422, query);
      assert.match(body, expected);
    }
    assert.equal((await ask(adminPort, '/cache/entries?route=plain')).status, 404);
  });
});

it('the admin API of the cache, on one gateway', async (context) => {
  await shop(async (shared) => {
    for (const [name, test] of onOneGateway) {
      await shared.purge({ all: true });
      shared.say('first');
      shared.asked.length = 0;
      await context.test(name, () => test(shared));
    }
  });
});

describe('the numbers of the cache', () => {
  it('are there for each memory and each route, as JSON and as metrics', async () => {
    await shop(async ({ gateway, get, say, json }) => {
      await get('/a');
      for (let i = 0; i < 3; i++) await get('/a');
      await get('/own/a');
      say('', { 'Cache-Control': 'no-store' });
      await get('/never');
      let stats = await json<CacheStats>('/cache');
      const results = () => Object.fromEntries(stats.routes.map((route) => [route.route, route.results]));
      const total = () =>
        stats.routes.flatMap((route) => Object.values(route.results)).reduce((a, b) => a + b);
      // A client may have its answer a moment before the thread that gave it has counted it.
      await until(async () => {
        stats = await json<CacheStats>('/cache');
        return total() === 6;
      });
      const none = { hit: 0, stale: 0, revalidated: 0, miss: 0, coalesced: 0, pass: 0 };
      assert.deepEqual(results(), {
        all: { ...none, hit: 3, miss: 2 },
        own: { ...none, miss: 1 },
        pages: none,
      });
      const [all] = stats.routes;
      assert.deepEqual([all?.hitRatio, all?.bytesServed, all?.memory], [0.6, 15, '*']);
      assert.deepEqual(
        stats.memories.map(({ memory, routes, insertions }) => [memory, routes, insertions]),
        [
          ['*', ['all', 'pages'], 2],
          ['own', ['own'], 1],
        ],
      );
      const { body } = await ask(gateway.adminPort, '/metrics');
      for (const line of [
        'turnpike_cache_requests_total{route="all",result="hit"} 3',
        'turnpike_cache_bytes_served_total{route="all"} 15',
        'turnpike_cache_memory_insertions_total{memory="own"} 1',
        'turnpike_cache_memory_evictions_total{memory="*"} 0',
        'turnpike_cache_memory_purges_total{memory="*"} 0',
      ])
        assert.ok(body.includes(`\n${line}\n`), line);
      assert.match(body, /^turnpike_cache_memory_bytes\{memory="own",kind="capacity"\} \d{7}$/m);
      assert.match(body, /^turnpike_cache_memory_bytes\{memory="own",kind="used"\} [1-9]\d*$/m);
      assert.ok(!body.includes('turnpike_cache_requests_total{route="plain"'));
    });
  });
});
