// What a plugin sees, changes and answers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  definePolicy,
  policyFor,
  problem,
  refuse,
  respond,
  SLOTS,
  valueKey,
  type Answer,
  type Exchange,
  type Next,
  type Slot,
} from '@turnpike/sdk';
import { testGateway } from '../../src/testing/testing.ts';

type Work = (exchange: Exchange, next: Next) => Promise<Answer>;

function policyOf(work: Work, { slot = 'before-cache', name = 'own' }: { slot?: Slot; name?: string } = {}) {
  return definePolicy({
    name,
    slot,
    schema: { type: 'object' },
    create: () => (next) => (exchange) => work(exchange, next),
  });
}

const services = { service: { headers: { 'X-From': 'service' }, body: 'of the service' } } as const;

describe('the exchange of a plugin', () => {
  it('tells what was asked for, by whom and where', async () => {
    let seen: unknown;
    const policy = policyFor<{ claims: { tenant: string } }>()({
      name: 'own',
      slot: 'after-authorize',
      path: '/users/{id}/*',
      schema: { type: 'object' },
      create: (_, context) => (next) => (exchange) => {
        const { method, url, route, params, client, identity, headers } = exchange;
        const { subject, claims } = identity ?? {};
        const fields = [headers.get('x-a'), headers.all('X-A'), headers.has('X-B')];
        seen = { method, url, route, params: { ...params }, client: client.address, subject, claims, fields };
        assert.deepEqual([context.route, context.parameters], ['route', ['id', 'rest']]);
        return next(exchange);
      },
    });
    await using gateway = await testGateway({ policy });
    await gateway.send('/users/%C3%BC/a/b?q=1', {
      headers: { 'X-A': ['1', '2'] },
      as: { claims: { sub: 'ada', tenant: 'acme' } },
      host: 'Api.Example.com',
    });
    const { claims, ...rest } = seen as { claims: object };
    assert.deepEqual(rest, {
      method: 'GET',
      url: { scheme: 'http', host: 'api.example.com', path: '/users/%C3%BC/a/b', query: '?q=1' },
      route: 'route',
      params: { id: 'ü', rest: 'a/b' },
      client: '203.0.113.9',
      subject: 'ada',
      fields: ['1, 2', ['1', '2'], false],
    });
    assert.ok('tenant' in claims);
  });

  it('shows the service what the plugin sets, adds and takes away', async () => {
    const policy = policyOf((exchange, next) => {
      exchange.headers.set('X-Set', 'new');
      exchange.headers.append('X-Added', 'second');
      exchange.headers.delete('X-Gone');
      assert.ok([...exchange.headers].some(([name]) => name === 'X-Set'));
      return next(exchange);
    });
    await using gateway = await testGateway({ policy });
    const { upstream } = await gateway.send('/a', {
      headers: { 'X-Set': 'old', 'X-Added': 'first', 'X-Gone': 'x' },
    });
    const { headers } = upstream[0] ?? assert.fail('nothing came');
    assert.deepEqual(
      [headers.get('x-set'), headers.get('x-added'), headers.get('x-gone')],
      ['new', 'first, second', null],
    );
  });

  it('reads a body that goes on, and replaces one', async () => {
    const policy = policyOf(async (exchange, next) => {
      const { name } = (await exchange.body.json(100)) as { name: string };
      if (name === 'ü') exchange.body.replace(JSON.stringify({ name: 'ö' }));
      return next(exchange);
    });
    await using gateway = await testGateway({ policy });
    const kept = await gateway.send('/a', { json: { name: 'a' } });
    assert.equal(kept.upstream[0]?.body, '{"name":"a"}');
    const replaced = await gateway.send('/a', { json: { name: 'ü' } });
    assert.equal(replaced.upstream[0]?.body, '{"name":"ö"}');
    const large = await gateway.send('/a', { json: { name: 'a'.repeat(200) } });
    assert.deepEqual([large.status, large.code, large.upstream.length], [413, 'BODY_TOO_LARGE', 0]);
  });

  it('keeps values for later slots, also where the cache asks in its own name', async () => {
    const WHO = valueKey<string>('who');
    const first = policyOf(
      (exchange, next) => {
        exchange.set(WHO, 'ada');
        return next(exchange);
      },
      { slot: 'before-authenticate', name: 'first' },
    );
    const last = policyOf(
      (exchange, next) => {
        exchange.headers.set('X-Who', exchange.get(valueKey<string>('who')) ?? 'nobody');
        return next(exchange);
      },
      { slot: 'before-service', name: 'last' },
    );
    const config = {
      services: { service: { endpoints: ['http://service.test:80'] } },
      routes: {
        route: {
          service: 'service',
          policies: { cache: { defaultTtl: '1m' }, plugins: [{ use: last }, { use: first }] },
        },
      },
    };
    await using gateway = await testGateway({ config });
    const { upstream } = await gateway.send('/a');
    assert.equal(upstream[0]?.headers.get('x-who'), 'ada');
  });
});

describe('slots', () => {
  it('run in their order, and plugins of one slot in the order of the configuration', async () => {
    const order: string[] = [];
    const step = (name: string, slot: Slot) =>
      policyOf(
        async (exchange, next) => {
          order.push(name);
          const reply = await next(exchange);
          order.push(`/${name}`);
          return reply;
        },
        { slot, name },
      );
    const plugins = SLOTS.toReversed().map((slot, index) => ({ use: step(`s${index}`, slot) }));
    const config = {
      services: { service: { endpoints: ['http://service.test:80'] } },
      routes: {
        route: { service: 'service', policies: { plugins: [...plugins, { use: step('s4', SLOTS[0]) }] } },
      },
    };
    await using gateway = await testGateway({ config });
    const { steps } = await gateway.send('/a');
    assert.deepEqual(order, ['s3', 's4', 's2', 's1', 's0', '/s0', '/s1', '/s2', '/s4', '/s3']);
    const names = steps.map(({ stage }) => stage).filter((stage) => stage.startsWith('plugins/'));
    assert.deepEqual(names, ['plugins/s3', 'plugins/s4', 'plugins/s2', 'plugins/s1', 'plugins/s0']);
  });

  it('see before the service what the service sees, once for each that is asked', async () => {
    const seen: string[] = [];
    const policy = policyOf(
      (exchange, next) => {
        seen.push(`${exchange.method} ${exchange.url.path}${exchange.url.query}`);
        return next(exchange);
      },
      { slot: 'before-service' },
    );
    const config = {
      services: {
        one: { endpoints: ['http://one.test:80'] },
        two: { endpoints: ['http://two.test:80'] },
      },
      routes: {
        route: {
          match: { path: '/v1/*' },
          service: 'one',
          rewrite: { stripPrefix: '/v1' },
          policies: { plugins: [{ use: policy }], fallback: { service: 'two' } },
        },
      },
    };
    await using gateway = await testGateway({ config, services: { one: 'connect' } });
    const { status } = await gateway.send('/v1/a?b=c');
    assert.equal(status, 200);
    assert.deepEqual(seen, ['GET /a?b=c', 'GET /a?b=c']);
  });
});

describe('the reply of a plugin', () => {
  it('is what came from inside, with what the plugin has changed', async () => {
    const policy = policyOf(async (exchange, next) => {
      const reply = await next(exchange);
      assert.deepEqual([reply.status, reply.code, reply.headers.get('x-from')], [200, '', 'service']);
      reply.status = 203;
      reply.headers.set('X-By', 'plugin');
      reply.body.replace((await reply.body.text(100)).toUpperCase());
      return reply;
    });
    await using gateway = await testGateway({ policy, services });
    const { status, headers, text } = await gateway.send('/a');
    assert.deepEqual([status, headers.get('x-by'), text], [203, 'plugin', 'OF THE SERVICE']);
  });

  it('is refused when it is larger than the plugin takes', async () => {
    const policy = policyOf(async (exchange, next) => {
      const reply = await next(exchange);
      await reply.body.bytes(5);
      return reply;
    });
    await using gateway = await testGateway({ policy, services });
    const { status, code } = await gateway.send('/a');
    assert.deepEqual([status, code], [502, 'RESPONSE_TOO_LARGE']);
  });

  it('is one of its own: text, bytes, pieces or nothing', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (const piece of ['a', 'b', 'c']) {
        await Promise.resolve();
        yield Buffer.from(piece);
      }
    }
    const bodies = { text: 'ü', bytes: Buffer.from('ü'), pieces: pieces(), nothing: null };
    for (const [what, body] of Object.entries(bodies)) {
      const policy = policyOf(() =>
        Promise.resolve(respond({ status: 201, headers: { 'Set-Cookie': ['a=1', 'b=2'] }, body })),
      );
      await using gateway = await testGateway({ policy, services });
      const { status, headers, text, upstream } = await gateway.send('/a');
      const expected = { text: 'ü', bytes: 'ü', pieces: 'abc', nothing: '' }[what];
      assert.deepEqual([status, text, upstream.length], [201, expected, 0]);
      assert.deepEqual(headers.getSetCookie(), ['a=1', 'b=2']);
    }
  });

  it('is a problem document with a code of its own', async () => {
    const policy = policyOf(() =>
      Promise.resolve(
        problem(402, 'NO_CREDIT', { detail: 'Nothing is left', headers: { 'Retry-After': '9' } }),
      ),
    );
    await using gateway = await testGateway({ policy });
    const reply = await gateway.send('/a');
    assert.equal(reply.headers.get('content-type'), 'application/problem+json');
    assert.equal(reply.headers.get('retry-after'), '9');
    const { requestId, ...document } = reply.json() as Record<string, unknown>;
    assert.equal(typeof requestId, 'string');
    assert.deepEqual(document, {
      type: 'https://turnpike.dev/problems/plugin-refused',
      title: 'A plugin of the route does not let the request through',
      status: 402,
      detail: 'Nothing is left',
      code: 'NO_CREDIT',
      rule: 'plugins.own',
    });
    assert.equal(reply.code, 'PLUGIN_REFUSED');
  });

  it('is a refusal in the words of the gateway', async () => {
    const policy = policyOf(() => Promise.resolve(refuse('RATE_LIMITED', 'Wait a little')));
    await using gateway = await testGateway({ policy });
    const reply = await gateway.send('/a');
    assert.deepEqual([reply.status, reply.code], [429, 'RATE_LIMITED']);
  });

  it('has the form of its caller', async () => {
    const policy = policyOf(() => Promise.resolve(problem(403, 'NOT_HERE')));
    await using gateway = await testGateway({ policy });
    const reply = await gateway.send('/a', {
      headers: { 'Content-Type': 'application/grpc' },
      method: 'POST',
    });
    assert.deepEqual([reply.status, reply.headers.get('grpc-status')], [200, '7']);
  });

  it('has the bodies that the route has for errors', async () => {
    const policy = policyOf(() => Promise.resolve(problem(403, 'NOT_HERE')));
    const errors = { 403: { body: 'no', contentType: 'text/plain' } };
    await using gateway = await testGateway({ policy, policies: { errors } });
    assert.equal((await gateway.send('/a')).text, 'no');
  });
});

describe('what a plugin remembers', () => {
  it('is of its route, and made anew with a restart', async () => {
    const policy = definePolicy({
      name: 'count',
      slot: 'before-cache',
      schema: { type: 'object', properties: { from: { type: 'integer', default: 7 } } },
      create: ({ from }) => {
        let count = from;
        return () => () => Promise.resolve(respond({ body: String(count++) }));
      },
    });
    await using gateway = await testGateway({ policy });
    assert.equal((await gateway.send('/a')).text, '7');
    assert.equal((await gateway.send('/b')).text, '8');
    gateway.restart();
    assert.equal((await gateway.send('/a')).text, '7');
  });
});

describe('decisions of plugins', () => {
  it('are told in the trace, by the name of the plugin', async () => {
    const policy = policyOf((exchange, next) =>
      exchange.url.path === '/no' ? Promise.resolve(problem(403, 'NOT_HERE')) : next(exchange),
    );
    await using gateway = await testGateway({ policy });
    const decisionsOf = async (path: string) =>
      (await gateway.send(path)).steps.find(({ stage }) => stage === 'plugins/own')?.decisions;
    assert.deepEqual(await decisionsOf('/a'), [{ policy: 'plugins.own', decision: 'allowed', reason: '' }]);
    assert.deepEqual(await decisionsOf('/no'), [
      { policy: 'plugins.own', decision: 'denied', reason: 'NOT_HERE' },
    ]);
  });
});
