import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  answerWhole,
  fieldOf,
  fieldsOf,
  rawClient,
  reply,
  scriptedUpstream,
  startPlane,
  type Plane,
  type PlaneDocument,
  type RawClient,
  type RawResponse,
  type ScriptedUpstream,
} from '@turnpike/testkit';
import { ask, onSite, saying } from '../threads/fixture.ts';
import { get, request } from '../wire/fixture.ts';
import { listOf } from './limit-fields.ts';

/** A gateway before a service that answers `got` and the body; nothing comes back to a limit while the test runs. */
interface Rig {
  readonly plane: Plane;
  readonly service: ScriptedUpstream;
  client(): Promise<RawClient>;
  /** Takes other policies of the routes. */
  reload(routes: Readonly<Record<string, object>>): Promise<void>;
}

const CONSUMERS = {
  acme: { keys: ['key-of-acme-0123456789'], plan: 'gold' },
  bolt: { keys: ['key-of-bolt-0123456789'] },
};

/** `routes`: the policies of each route, by the first segment of its path. */
async function rig(t: TestContext, routes: Readonly<Record<string, object>>): Promise<Rig> {
  const service = await scriptedUpstream(
    answerWhole((body) => reply(`got ${body.toString('latin1')}`, ['X-Tokens: 7'])),
  );
  const documentOf = (policies: Readonly<Record<string, object>>): PlaneDocument => ({
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { main: { endpoints: [service.url] } },
    consumers: CONSUMERS,
    routes: Object.fromEntries(
      Object.entries(policies).map(([name, own]) => [
        name,
        { match: { path: `/${name}/*` }, service: 'main', policies: own },
      ]),
    ),
  });
  const plane = await startPlane(documentOf(routes));
  const clients: RawClient[] = [];
  t.after(async () => {
    for (const client of clients) client.destroy();
    await service.close();
    await plane.close();
  });
  return {
    plane,
    service,
    async client() {
      const client = await rawClient(plane.port);
      clients.push(client);
      return client;
    },
    reload: (policies) => plane.apply(documentOf(policies)),
  };
}

/** The statuses of so many requests on one connection. */
async function statuses(client: RawClient, times: number, text = get('/a/')): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) found.push((await client.ask(text)).status);
  return found;
}

function problemOf({ body }: RawResponse): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>;
}

/** A request of a tenant, which says that it comes from elsewhere. */
function from(tenant: string): string {
  return get('/a/', `X-Tenant: ${tenant}`, 'X-Forwarded-For: 203.0.113.9', `X-Real-IP: ${tenant}`);
}

function as(consumer: keyof typeof CONSUMERS): string {
  return get('/a/', `X-Api-Key: ${CONSUMERS[consumer].keys[0] ?? ''}`);
}

const HOURLY = { limit: 2, per: '1h' };

describe('a route with a limit', () => {
  it('tells clients what they have left, in fields that can be read', async (t) => {
    const { client } = await rig(t, { a: { rateLimit: { ...HOURLY, name: 'hourly' } } });
    const connection = await client();
    for (const left of [1, 0]) {
      const response = await connection.ask(get('/a/'));
      assert.equal(response.status, 200);
      assert.deepEqual(listOf(fieldOf(response, 'ratelimit-policy')), [
        { text: 'hourly', parameters: { q: 2, w: 3600 } },
      ]);
      const [standing, ...others] = listOf(fieldOf(response, 'ratelimit'));
      assert.deepEqual(others, []);
      assert.deepEqual([standing?.text, standing?.parameters['r']], ['hourly', left]);
      assert.ok(isBetween(standing?.parameters['t'], 1, 1800));
    }
  });

  it('has nothing in its fields but what the draft defines, whatever its name and window', async (t) => {
    const name = '3/100ms:a_b.c-d';
    const limits = [
      { name, limit: 3, per: '100ms', burst: 1 },
      { name: 'none', limit: 1_000_000_000, per: '365d' },
    ];
    const { client } = await rig(t, { a: { rateLimit: limits } });
    const connection = await client();
    for (let asked = 0; asked < 3; asked++) {
      const response = await connection.ask(get('/a/'));
      const policies = listOf(fieldOf(response, 'ratelimit-policy'));
      assert.deepEqual(policies, [
        { text: name, parameters: { q: 3, w: 1 } },
        { text: 'none', parameters: { q: 1_000_000_000, w: 31_536_000 } },
      ]);
      const standings = listOf(fieldOf(response, 'ratelimit'));
      assert.ok(standings.length > 0);
      for (const { text, parameters } of standings) {
        assert.ok(policies.some((policy) => policy.text === text));
        assert.deepEqual(Object.keys(parameters), ['r', 't']);
        assert.ok(Object.values(parameters).every((value) => value >= 0));
      }
      for (const field of response.head.split('\r\n'))
        assert.doesNotMatch(field, /^x-ratelimit|^ratelimit-(?!policy)/i);
    }
  });

  it('refuses what comes above with a problem, and serves the connection on', async (t) => {
    const { client, service } = await rig(t, { a: { rateLimit: HOURLY }, b: {} });
    const connection = await client();
    assert.deepEqual(await statuses(connection, 2), [200, 200]);
    const response = await connection.ask(get('/a/'));
    assert.equal(response.status, 429);
    assert.equal(fieldOf(response, 'content-type'), 'application/problem+json');
    assert.equal(fieldOf(response, 'cache-control'), 'no-store');
    const { requestId, ...problem } = problemOf(response);
    assert.equal(typeof requestId, 'string');
    assert.deepEqual(problem, {
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'The caller has used up what it may ask for at the moment',
      status: 429,
      code: 'RATE_LIMITED',
      rule: 'rateLimit.2/1h',
      'violated-policies': ['2/1h'],
    });
    const [standing] = listOf(fieldOf(response, 'ratelimit'));
    assert.equal(standing?.parameters['r'], 0);
    const retryAfter = Number(fieldOf(response, 'retry-after'));
    assert.ok(isBetween(retryAfter, standing?.parameters['t'] ?? Number.NaN, 1980));
    assert.deepEqual(await statuses(connection, 1, get('/b/')), [200]);
    assert.equal(service.requests.length, 3);
  });

  it('refuses HEAD without a body, and a body that nobody will read', async (t) => {
    const { client, service } = await rig(t, { a: { rateLimit: { limit: 0, per: '1h' } }, b: {} });
    const connection = await client();
    const head = await connection.ask(get('/a/').replace('GET', 'HEAD'));
    assert.deepEqual([head.status, head.body.length], [429, 0]);
    assert.ok(Number(fieldOf(head, 'content-length')) > 0);
    const whole = await connection.ask(request('POST /a/', [], 'x'.repeat(20_000)));
    assert.equal(whole.status, 429);
    assert.equal(problemOf(whole)['code'], 'RATE_LIMITED');
    const half = await client();
    await half.send(`POST /a/ HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 1000000\r\n\r\nabc`);
    assert.equal((await half.response('POST')).status, 429);
    assert.deepEqual(await statuses(await client(), 1, get('/b/')), [200]);
    assert.equal(service.requests.length, 1);
  });

  it('refuses gRPC callers as they expect it', async (t) => {
    const { client } = await rig(t, { a: { rateLimit: { limit: 0, per: '1h' } } });
    const response = await (
      await client()
    ).ask(request('POST /a/', ['Content-Type: application/grpc-web+proto'], 'x'));
    assert.equal(response.status, 200);
    assert.equal(fieldOf(response, 'grpc-status'), '8');
    assert.equal(response.body.length, 0);
    assert.equal(fieldOf(response, 'retry-after') !== undefined, true);
  });

  it('counts each client for itself, whatever it says of itself', async (t) => {
    const { client } = await rig(t, { a: { rateLimit: { ...HOURLY, by: ['ip', 'header:x-tenant'] } } });
    const connection = await client();
    assert.deepEqual(await statuses(connection, 3, from('red')), [200, 200, 429]);
    assert.deepEqual(await statuses(connection, 3, from('blue')), [200, 200, 429]);
    assert.deepEqual(await statuses(connection, 3), [200, 200, 429]);
  });

  it('replaces what the service says of limits', async (t) => {
    const { client, service } = await rig(t, { a: { rateLimit: { ...HOURLY, name: 'ours' } } });
    service.script(
      answerWhole(() => reply('x', ['RateLimit: "theirs";r=1', 'RateLimit-Policy: "theirs";q=9'])),
    );
    const response = await (await client()).ask(get('/a/'));
    assert.deepEqual(fieldsOf(response, 'ratelimit-policy'), ['"ours";q=2;w=3600']);
    assert.equal(fieldsOf(response, 'ratelimit').length, 1);
  });

  it('tells clients what they have left in errors of ours too, and not in what comes before a reply', async (t) => {
    const { client, service } = await rig(t, { a: { rateLimit: HOURLY, retry: 'off' } });
    const connection = await client();
    service.script((talk) => talk.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nnonsense\r\n\r\n'));
    const response = await connection.ask(get('/a/'));
    assert.equal(response.status, 502);
    assert.equal(listOf(fieldOf(response, 'ratelimit'))[0]?.parameters['r'], 1);
    assert.deepEqual(
      response.interims.map(({ fields }) => fields),
      [
        [
          ['Link', '</a>'],
          ['Via', '1.1 turnpike'],
        ],
      ],
    );
  });

  it('books what a response says that it cost', async (t) => {
    const limit = { limit: 10, per: '1h', cost: 'response.header["x-tokens"]' };
    const { client } = await rig(t, { a: { rateLimit: limit } });
    const connection = await client();
    assert.deepEqual(await statuses(connection, 3), [200, 200, 429]);
  });
});

describe('several limits of a route', () => {
  it('are taken from together or not at all', async (t) => {
    const rateLimit = [
      { limit: 3, per: '1h', name: 'all' },
      { limit: 1, per: '1h', name: 'each', by: 'header:x-tenant' },
    ];
    const { client } = await rig(t, { a: { rateLimit } });
    const connection = await client();
    assert.deepEqual(await statuses(connection, 4, from('red')), [200, 429, 429, 429]);
    assert.deepEqual(await statuses(connection, 1, from('blue')), [200]);
    const last = await connection.ask(from('green'));
    assert.deepEqual(
      listOf(fieldOf(last, 'ratelimit')).map(({ text, parameters }) => [text, parameters['r']]),
      [
        ['all', 0],
        ['each', 0],
      ],
    );
    const refused = await connection.ask(from('red'));
    assert.deepEqual(problemOf(refused)['violated-policies'], ['all', 'each']);
  });

  it('are before and after authentication, and are told together', async (t) => {
    const rateLimit = [
      { limit: 3, per: '1h', name: 'callers', by: 'identity' },
      { limit: 5, per: '1h', name: 'addresses' },
    ];
    const { client } = await rig(t, { a: { authenticate: { with: ['consumers'] }, rateLimit } });
    const connection = await client();
    const stranger = await connection.ask(get('/a/'));
    assert.equal(stranger.status, 401);
    assert.deepEqual(
      listOf(fieldOf(stranger, 'ratelimit-policy')).map(({ text }) => text),
      ['addresses'],
    );
    const response = await connection.ask(as('acme'));
    assert.equal(response.status, 200);
    assert.deepEqual(
      listOf(fieldOf(response, 'ratelimit-policy')).map(({ text }) => text),
      ['addresses', 'callers'],
    );
    assert.deepEqual(await statuses(connection, 3, as('acme')), [200, 200, 429]);
    // Who is over the limit of addresses is not even asked who it is.
    assert.deepEqual(await statuses(connection, 1), [429]);
  });
});

describe('a limit by plan', () => {
  it('gives consumers what their plan has, and others what is usual', async (t) => {
    const rateLimit = { limit: 1, per: '1h', by: 'identity', plans: { gold: 3 } };
    const { client } = await rig(t, { a: { authenticate: { with: ['consumers'] }, rateLimit } });
    const connection = await client();
    assert.deepEqual(await statuses(connection, 4, as('acme')), [200, 200, 200, 429]);
    assert.deepEqual(await statuses(connection, 2, as('bolt')), [200, 429]);
  });
});

describe('a group of routes', () => {
  it('shares its buckets, and routes without it do not', async (t) => {
    const own = { rateLimit: HOURLY };
    const shared = { rateLimit: { ...HOURLY, group: 'api' } };
    const { client } = await rig(t, { a: shared, b: shared, c: own, d: own });
    const connection = await client();
    assert.deepEqual(await statuses(connection, 1), [200]);
    assert.deepEqual(await statuses(connection, 2, get('/b/')), [200, 429]);
    assert.deepEqual(await statuses(connection, 1), [429]);
    assert.deepEqual(await statuses(connection, 2, get('/c/')), [200, 200]);
    assert.deepEqual(await statuses(connection, 2, get('/d/')), [200, 200]);
  });
});

describe('a limit that only reports', () => {
  it('changes no byte of the exchange', async (t) => {
    const { client, service } = await rig(t, {
      a: { rateLimit: { limit: 1, per: '1h', mode: 'report' } },
      b: {},
    });
    const connection = await client();
    const [first, second, plain] = [
      await connection.ask(get('/a/x')),
      await connection.ask(get('/a/x')),
      await connection.ask(get('/b/x')),
    ];
    assert.equal(bytesOf(first), bytesOf(plain));
    assert.equal(bytesOf(second), bytesOf(plain));
    const heads = await Promise.all(
      [0, 1, 2].map(async (i) => withoutVarying((await service.request(i)).head)),
    );
    assert.deepEqual(heads.slice(0, 2), [heads[0], heads[2]?.replace('/b/', '/a/')]);
  });
});

describe('a configuration that is loaded again', () => {
  it('leaves what was used as it was, as a share also of another limit', async (t) => {
    const { client, reload } = await rig(t, { a: { rateLimit: { ...HOURLY, name: 'n' } } });
    const connection = await client();
    assert.deepEqual(await statuses(connection, 1), [200]);
    await reload({ a: { rateLimit: { limit: 8, per: '1h', name: 'n' } }, b: {} });
    // Half of it was used, so half is left.
    assert.deepEqual(await statuses(connection, 5), [200, 200, 200, 200, 429]);
    await reload({ a: { rateLimit: { limit: 8, per: '1h', name: 'n' } } });
    assert.deepEqual(await statuses(connection, 1), [429]);
    await reload({ a: { rateLimit: { ...HOURLY, name: 'other' } } });
    assert.deepEqual(await statuses(connection, 3), [200, 200, 429]);
  });
});

describe('all threads of a gateway', () => {
  it('count together', async () => {
    const routes = {
      ping: {
        match: { path: '/ping' },
        respond: { status: 200, body: 'pong' },
        policies: { rateLimit: { limit: 10, per: '1h' } },
      },
    };
    await onSite(saying('', { routes }), async ({ start }) => {
      const { ports } = await start();
      const answers = await Promise.all(Array.from({ length: 40 }, () => ask(ports.get('web'), '/ping')));
      assert.equal(answers.filter(({ status }) => status === 200).length, 10);
      assert.equal(answers.filter(({ status }) => status === 429).length, 30);
    });
  });
});

function bytesOf({ head, body }: RawResponse): string {
  return withoutVarying(head) + body.toString('latin1');
}

/** Without the fields that are different for every request. */
function withoutVarying(head: string): string {
  return head.replaceAll(/^(x-request-id|date|via|x-forwarded-port):.*\r\n/gim, '');
}

function isBetween(value: number | undefined, least: number, most: number): boolean {
  return value !== undefined && value >= least && value <= most;
}
