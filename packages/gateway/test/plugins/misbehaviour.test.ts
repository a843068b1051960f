// What a plugin can do wrong costs its request, and says so; never more.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { definePolicy, respond, type Answer, type Exchange, type Next, type Reply } from '@turnpike/sdk';
import { testGateway, type TestGateway } from '../../src/testing/testing.ts';

type Work = (exchange: Exchange, next: Next) => Promise<Answer>;

function policyOf(work: Work, name = 'odd') {
  return definePolicy({
    name,
    slot: 'before-cache',
    schema: { type: 'object' },
    create: () => (next) => (exchange) => work(exchange, next),
  });
}

function open(work: Work, policies: object = {}): Promise<TestGateway> {
  return testGateway({ policy: policyOf(work), policies, services: { service: { body: 'of the service' } } });
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});

describe('a plugin that breaks', () => {
  const faults: readonly (readonly [what: string, work: Work, message: RegExp])[] = [
    ['rejects', () => Promise.reject(new Error('boo')), /^boo$/],
    [
      'throws at once',
      () => {
        throw new Error('boo');
      },
      /^boo$/,
    ],
    [
      'throws after the reply is there',
      async (exchange, next) => {
        await next(exchange);
        throw new Error('boo');
      },
      /^boo$/,
    ],
    ['gives nothing', () => Promise.resolve(undefined as never), /no reply/],
    ['gives something that looks like a reply', () => Promise.resolve({ status: 200 } as never), /no reply/],
    [
      'calls next twice',
      async (exchange, next) => {
        await next(exchange);
        return next(exchange);
      },
      /called twice/,
    ],
    ['calls next with something else', (_, next) => next({} as Exchange), /takes the exchange/],
    ['gives a status that is none', () => Promise.resolve(respond({ status: 99 })), /no status/],
    ['gives an interim status', () => Promise.resolve(respond({ status: 101 })), /no status/],
    ['gives a body that is none', () => Promise.resolve(respond({ body: 7 as never })), /a body is text/],
    [
      'gives a line break in a field',
      () => Promise.resolve(respond({ headers: { 'X-A': 'a\r\nB: c' } })),
      /X-A/,
    ],
    [
      'sets a line break in a field',
      (exchange, next) => {
        exchange.headers.set('X-A', 'a\nb');
        return next(exchange);
      },
      /X-A/,
    ],
    [
      'sets a field with no name',
      (exchange, next) => {
        exchange.headers.append('X A', 'a');
        return next(exchange);
      },
      /no name of a header field/,
    ],
    [
      'sets the length of a body',
      async (exchange, next) => {
        const reply = await next(exchange);
        reply.headers.set('Content-Length', '1');
        return reply;
      },
      /Content-Length is written by the gateway/,
    ],
    [
      'says who is calling',
      (exchange, next) => {
        exchange.headers.set('X-Identity-Subject', 'root');
        return next(exchange);
      },
      /X-Identity-Subject is written by the gateway/,
    ],
    [
      'reads a body without a limit',
      async (exchange, next) => {
        await exchange.body.bytes(Number.NaN);
        return next(exchange);
      },
      /a number of bytes/,
    ],
  ];

  for (const [what, work, message] of faults) {
    it(`costs its request a 500 when it ${what}`, async () => {
      await using gateway = await open(work);
      const reply = await gateway.send('/a', { json: {} });
      assert.equal(reply.status, 500);
      assert.equal(reply.code, 'PLUGIN_FAILED');
      assert.equal((reply.json() as { rule: string }).rule, 'plugins.odd');
      assert.doesNotMatch(reply.text, /boo|line break/);
      const [line, ...more] = gateway.log.filter(({ level }) => level === 'error');
      assert.deepEqual(more, []);
      assert.equal(line?.message, 'a plugin failed');
      assert.equal(line.fields['plugin'], 'odd');
      assert.equal(line.fields['route'], 'route');
      assert.match((line.fields['error'] as Error).message, message);
    });
  }

  it('does so as well when create fails where it is met', async () => {
    let calls = 0;
    const policy = definePolicy({
      name: 'odd',
      slot: 'before-cache',
      schema: { type: 'object' },
      create: () => {
        calls++;
        if (calls > 1) throw new Error('not today');
        return (next) => next;
      },
    });
    await using gateway = await testGateway({ policy });
    assert.equal((await gateway.send('/a')).code, 'PLUGIN_FAILED');
  });

  it('breaks a body off that it fails to give', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      await Promise.resolve();
      throw new Error('boo');
    }
    await using gateway = await open(() => Promise.resolve(respond({ body: pieces() })));
    const reply = await gateway.send('/a');
    assert.equal(reply.status, 200);
    assert.equal(reply.brokenBy, 'PLUGIN_FAILED');
  });
});

describe('a plugin that never settles', () => {
  const works: readonly (readonly [when: string, work: Work])[] = [
    ['before the rest of the way', () => never()],
    [
      'after it',
      async (exchange, next) => {
        await next(exchange);
        return never();
      },
    ],
    [
      'after it has read the reply',
      async (exchange, next) => {
        await (await next(exchange)).body.text(1000);
        return never();
      },
    ],
  ];
  for (const [when, work] of works) {
    it(`is ended by the time of its route, ${when}`, async () => {
      await using gateway = await open(work, { timeout: '2s' });
      const reply = await gateway.send('/a');
      assert.equal(reply.status, 504);
      assert.equal(reply.code, 'DEADLINE_EXCEEDED');
    });
  }

  it('hears of the end by its signal', async () => {
    let reason: unknown;
    await using gateway = await open(
      ({ signal }) => {
        signal.addEventListener('abort', () => (reason = signal.reason));
        return never();
      },
      { timeout: '2s' },
    );
    await gateway.send('/a');
    assert.equal((reason as { code?: string }).code, 'DEADLINE_EXCEEDED');
  });
});

describe('a failure inside', () => {
  const services = { service: 'timeout' } as const;

  it('passes through a plugin that does nothing about it, as what it is', async () => {
    await using gateway = await testGateway({
      policy: policyOf((exchange, next) => next(exchange)),
      services,
    });
    const reply = await gateway.send('/a');
    assert.equal(reply.code, 'UPSTREAM_TIMEOUT');
    assert.deepEqual(
      gateway.log.filter(({ level }) => level === 'error'),
      [],
    );
  });

  it('can be answered by a plugin', async () => {
    const policy = policyOf(async (exchange, next) => {
      try {
        return await next(exchange);
      } catch (error) {
        return respond({ status: 200, body: (error as { code: string }).code });
      }
    });
    await using gateway = await testGateway({ policy, services });
    const reply = await gateway.send('/a');
    assert.deepEqual([reply.status, reply.text], [200, 'UPSTREAM_TIMEOUT']);
  });
});

describe('a plugin in report mode', () => {
  async function reported(work: Work): Promise<readonly [number, string, string | null]> {
    const services = { service: { body: 'of the service' } };
    await using gateway = await testGateway({ policy: policyOf(work), mode: 'report', services });
    const { status, text, headers, upstream } = await gateway.send('/a', { body: 'of the client' });
    assert.equal(upstream.length, 1);
    assert.equal(upstream[0]?.body, 'of the client');
    assert.equal(upstream[0].headers.get('x-a'), null);
    return [status, text, headers.get('x-b')];
  }
  const works: Readonly<Record<string, Work>> = {
    refuses: () => Promise.resolve(respond({ status: 403 })),
    breaks: () => Promise.reject(new Error('boo')),
    'breaks late': async (exchange, next) => {
      await next(exchange);
      throw new Error('boo');
    },
    'changes everything': async (exchange, next) => {
      exchange.headers.set('X-A', 'a');
      await exchange.body.text(100);
      exchange.body.replace('another');
      const reply: Reply = await next(exchange);
      await reply.body.text(100);
      reply.status = 418;
      reply.headers.set('X-B', 'b');
      reply.body.replace('another');
      return reply;
    },
    'answers for the service': async (exchange, next) => {
      await next(exchange);
      return respond({ body: 'another' });
    },
  };
  for (const [what, work] of Object.entries(works)) {
    it(`has no effect when it ${what}`, async () => {
      assert.deepEqual(await reported(work), [200, 'of the service', null]);
    });
  }
});
