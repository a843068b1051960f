import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RateLimitConfig } from '@turnpike/config';
import { clientAt } from '../../core/addresses/addresses-testing.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { callerOf } from '../../core/identity-testing.ts';
import type { Identity } from '../../core/identity.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { limitFieldsOf, limitOf, rateLimitBench, served } from './rate-limit-testing.ts';

/** An exchange with these fields of its request. */
function call(
  fields: readonly (readonly [string, string])[] = [],
  identity: Identity | null = null,
): Exchange {
  const exchange = exchangeFrom({ headers: headersOf(...fields), query: '' });
  exchange.identity = identity;
  return exchange;
}

/** The statuses of so many exchanges, one after the other. */
async function statuses(handler: Handler, times: number, make: (i: number) => Exchange = () => call()) {
  const found: number[] = [];
  for (let i = 0; i < times; i++) found.push((await handler(make(i))).status);
  return found;
}

function problemOf({ body }: Reply): Readonly<Record<string, unknown>> {
  return JSON.parse(typeof body === 'string' ? body : '{}') as Record<string, unknown>;
}

const identityOf = (subject: string, plan = '') => callerOf({ key: `corporate:${subject}`, subject, plan });

const SERVICE: Handler = () => Promise.resolve(served());

describe('rateLimit', () => {
  it('is no stage without limits', () => {
    assert.equal(rateLimitBench().route([], SERVICE), SERVICE);
  });

  it('lets through what there is room for, and refuses what comes above', async () => {
    const bench = rateLimitBench();
    const handler = bench.route([limitOf({ limit: 2 })]);
    assert.deepEqual(await statuses(handler, 3), [200, 200, 429]);
    assert.deepEqual(bench.counted(), ['allowed', 'allowed', 'denied main']);
    bench.clock.advance(500);
    assert.deepEqual(await statuses(handler, 2), [200, 429]);
    const other = exchangeFrom({ client: clientAt('198.51.100.1') });
    assert.equal((await handler(other)).status, 200);
  });

  it('tells how a limit stands', async () => {
    const handler = rateLimitBench().route([limitOf({ limit: 3, windowMs: 60_000 })]);
    const replies = [
      await handler(call()),
      await handler(call()),
      await handler(call()),
      await handler(call()),
    ];
    assert.deepEqual(replies.map(limitFieldsOf), [
      ['"main";q=3;w=60', '"main";r=2;t=20', undefined],
      ['"main";q=3;w=60', '"main";r=1;t=20', undefined],
      ['"main";q=3;w=60', '"main";r=0;t=20', undefined],
      ['"main";q=3;w=60', '"main";r=0;t=20', '20'],
    ]);
  });

  it('says why it refuses in a problem, without anything that the client sent', async () => {
    const handler = rateLimitBench().route([limitOf({ limit: 0, by: [{ kind: 'header', name: 'x-key' }] })]);
    const reply = await handler(call([['X-Key', 'secret']]));
    assert.equal(reply.code, 'RATE_LIMITED');
    assert.equal(reply.headers.get('content-type'), 'application/problem+json');
    assert.deepEqual(problemOf(reply), {
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'The caller has used up what it may ask for at the moment',
      status: 429,
      code: 'RATE_LIMITED',
      rule: 'rateLimit.main',
      requestId: 'r-1',
      'violated-policies': ['main'],
    });
  });

  it('refuses gRPC calls as those expect it', async () => {
    const handler = rateLimitBench().route([limitOf({ limit: 0 })]);
    const reply = await handler(call([['Content-Type', 'application/grpc']]));
    assert.deepEqual([reply.status, reply.body, reply.code], [200, null, 'RATE_LIMITED']);
    assert.equal(reply.headers.get('grpc-status'), '8');
    assert.deepEqual(limitFieldsOf(reply), ['"main";q=0;w=1', '"main";r=0;t=1', '1']);
  });

  it('asks clients to wait up to a tenth longer than they have to', async () => {
    const handler = rateLimitBench().route([limitOf({ limit: 1, windowMs: 1_000_000 })]);
    await handler(call());
    const waits = new Set<number>();
    for (let i = 0; i < 100; i++) waits.add(Number((await handler(call())).headers.get('retry-after')));
    assert.ok(Math.min(...waits) >= 1000 && Math.max(...waits) <= 1100, [...waits].join(' '));
    assert.ok(waits.size > 30);
  });

  it('keeps what was taken when no reply comes', async () => {
    const handler = rateLimitBench().route([limitOf({ limit: 1 })], () =>
      Promise.reject(new GatewayError('UPSTREAM_RESET', 'gone')),
    );
    await assert.rejects(handler(call()), /gone/);
    assert.equal((await handler(call())).status, 429);
  });
});

/** The fields of the last of so many replies. */
async function fieldsOf(limits: readonly RateLimitConfig[], reply: Reply, times = 1) {
  const handler = rateLimitBench().route(limits, () => Promise.resolve(reply));
  for (let i = 1; i < times; i++) await handler(call());
  return limitFieldsOf(await handler(call()));
}

describe('the fields of a reply', () => {
  it('name all policies, and how the one stands of which the least is left', async () => {
    const limits = [
      limitOf({ name: 'a', limit: 100 }),
      limitOf({ name: 'b', limit: 10, algorithm: 'sliding' }),
    ];
    assert.deepEqual(await fieldsOf(limits, served()), [
      '"a";q=100;w=1, "b";q=10;w=1',
      '"b";r=9;t=2',
      undefined,
    ]);
  });

  it('also tell how all those stand of which less than a quarter is left', async () => {
    const limits = [
      limitOf({ name: 'a', limit: 20 }),
      limitOf({ name: 'b', limit: 17 }),
      limitOf({ name: 'c', limit: 100 }),
    ];
    const [, limit] = await fieldsOf(limits, served(), 16);
    assert.equal(limit, '"a";r=4;t=1, "b";r=1;t=1');
  });

  it('replace what the service says of limits, and leave its own reply alone', async () => {
    const reply = served([
      ['ratelimit', '"theirs";r=1'],
      ['X-Other', '1'],
      ['RateLimit-Policy', '"theirs";q=1'],
    ]);
    assert.deepEqual((await fieldsOf([limitOf()], reply)).slice(0, 2), ['"main";q=10;w=1', '"main";r=9;t=1']);
    assert.equal(reply.headers.get('ratelimit'), '"theirs";r=1');
  });

  it('are not in redirects, and are in all other replies', async () => {
    for (const status of [200, 204, 404, 500])
      assert.equal((await fieldsOf([limitOf()], served([], status)))[0], '"main";q=10;w=1');
    for (const status of [301, 304, 308])
      assert.deepEqual(await fieldsOf([limitOf()], served([], status)), [undefined, undefined, undefined]);
  });

  it('are not where HTTP ends', async () => {
    const reply: Reply = { ...served([], 101), tunnel: { start: () => {} } };
    assert.deepEqual(await fieldsOf([limitOf()], reply), [undefined, undefined, undefined]);
  });

  it('are in whole seconds, whatever is lost to rounding', async () => {
    const bench = rateLimitBench();
    const handler = bench.route([limitOf({ limit: 1 })]);
    for (let i = 0; i < 100; i++) {
      bench.clock.advance(1000.123);
      assert.equal(limitFieldsOf(await handler(call()))[1], '"main";r=0;t=1');
      assert.equal(limitFieldsOf(await handler(call()))[2], '1');
    }
  });

  it('are of the limits before and after authentication together', async () => {
    const bench = rateLimitBench();
    const limits = [
      limitOf({ name: 'late', stage: 'late', by: [{ kind: 'identity' }], limit: 1 }),
      limitOf({ name: 'early', limit: 100 }),
    ];
    const handler = bench.route(limits);
    const first = await handler(call([], identityOf('alice')));
    assert.deepEqual(limitFieldsOf(first), [
      '"early";q=100;w=1, "late";q=1;w=1',
      '"late";r=0;t=1',
      undefined,
    ]);
    const second = await handler(call([], identityOf('alice')));
    assert.equal(second.status, 429);
    assert.deepEqual(limitFieldsOf(second), ['"early";q=100;w=1, "late";q=1;w=1', '"late";r=0;t=1', '1']);
    assert.deepEqual(bench.counted(), ['allowed', 'allowed', 'allowed', 'denied late']);
  });
});

describe('several limits', () => {
  it('must all have room, and nothing is taken unless they do', async () => {
    const bench = rateLimitBench();
    const limits = [
      limitOf({ name: 'wide', limit: 5, windowMs: 60_000 }),
      limitOf({ name: 'narrow', limit: 1, windowMs: 1000 }),
    ];
    const handler = bench.route(limits);
    assert.deepEqual(await statuses(handler, 4), [200, 429, 429, 429]);
    bench.clock.advance(1000);
    const reply = await handler(call());
    assert.equal(limitFieldsOf(reply)[1], '"narrow";r=0;t=1');
    bench.clock.advance(1000);
    assert.deepEqual(await statuses(handler, 1), [200]);
  });

  it('are all named that had no room', async () => {
    const bench = rateLimitBench();
    const handler = bench.route([
      limitOf({ name: 'a', limit: 1 }),
      limitOf({ name: 'b', limit: 5 }),
      limitOf({ name: 'c', limit: 1, windowMs: 60_000 }),
    ]);
    await handler(call());
    bench.counted();
    const reply = await handler(call());
    assert.deepEqual(problemOf(reply)['violated-policies'], ['a', 'c']);
    assert.equal(problemOf(reply)['rule'], 'rateLimit.a');
    assert.ok(Number(reply.headers.get('retry-after')) >= 60);
    assert.deepEqual(bench.counted(), ['denied a', 'denied c']);
  });
});

const TENANT = [['X-Tenant', 'a']] as const;

describe('whom a limit counts', () => {
  it('is only who meets its condition', async () => {
    const bench = rateLimitBench();
    const handler = bench.route([limitOf({ limit: 1, when: 'request.headers["x-count"] == "yes"' })]);
    const counted = () => call([['X-Count', 'yes']]);
    assert.deepEqual(await statuses(handler, 2, counted), [200, 429]);
    assert.deepEqual(await statuses(handler, 2, () => call([['X-Count', 'no']])), [200, 200]);
    bench.counted();
    const reply = await handler(call());
    assert.deepEqual(limitFieldsOf(reply), [undefined, undefined, undefined]);
    assert.deepEqual(bench.counted(), ['failed when']);
  });

  const byTenant = { by: [{ kind: 'header', name: 'x-tenant' }], limit: 1 } as const;

  it('may be nobody without a key', async () => {
    const bench = rateLimitBench();
    const handler = bench.route([limitOf({ ...byTenant, whenKeyMissing: 'skip' })]);
    assert.deepEqual(await statuses(handler, 2), [200, 200]);
    assert.deepEqual(await statuses(handler, 2, () => call(TENANT)), [200, 429]);
    assert.deepEqual(bench.counted(), ['allowed', 'denied main']);
  });

  it('may be all without a key together', async () => {
    const handler = rateLimitBench().route([limitOf(byTenant)]);
    assert.deepEqual(await statuses(handler, 2), [200, 429]);
    assert.deepEqual(await statuses(handler, 1, () => call(TENANT)), [200]);
  });

  it('may be refused without a key', async () => {
    const bench = rateLimitBench();
    const handler = bench.route([limitOf({ ...byTenant, whenKeyMissing: 'deny' })]);
    const reply = await handler(call());
    assert.deepEqual([reply.code, problemOf(reply)['rule']], ['FORBIDDEN', 'rateLimit.main']);
    assert.equal((await handler(call(TENANT))).status, 200);
    assert.deepEqual(bench.counted(), ['denied main', 'allowed']);
  });

  it('shares buckets with other routes of the group, and with nobody else', async () => {
    const bench = rateLimitBench();
    const config = limitOf({ limit: 1 });
    const route = (id: string, group: string | null) => bench.route([{ ...config, group }], undefined, id);
    assert.deepEqual(await statuses(route('a', 'g'), 1), [200]);
    assert.deepEqual(await statuses(route('b', 'g'), 1), [429]);
    assert.deepEqual(await statuses(route('b', 'h'), 1), [200]);
    assert.deepEqual(await statuses(route('a', null), 1), [200]);
    assert.deepEqual(await statuses(route('b', null), 1), [200]);
  });

  it('has used what it used before the configuration was loaded again', async () => {
    const bench = rateLimitBench();
    assert.deepEqual(await statuses(bench.route([limitOf({ limit: 1 })]), 1), [200]);
    assert.deepEqual(await statuses(bench.route([limitOf({ limit: 1 })]), 1), [429]);
    assert.deepEqual(await statuses(bench.route([limitOf({ limit: 1, name: 'other' })]), 1), [200]);
  });

  it('is known by an expression too', async () => {
    const rule = 'request.headers["x-a"] + route';
    const handler = rateLimitBench().route([limitOf({ limit: 1, by: [{ kind: 'rule', rule }] })]);
    assert.deepEqual(await statuses(handler, 2, () => call([['X-A', '1']])), [200, 429]);
    assert.deepEqual(await statuses(handler, 1, () => call([['X-A', '2']])), [200]);
  });
});

describe('how much a limit allows', () => {
  const late = { stage: 'late', by: [{ kind: 'identity' }] } as const;

  it('may depend on the plan of the caller', async () => {
    const limitFrom = { kind: 'plan', plans: { gold: 4, none: 0 } } as const;
    const handler = rateLimitBench().route([limitOf({ ...late, limit: 2, limitFrom })]);
    const of = (subject: string, plan: string) => () => call([], identityOf(subject, plan));
    assert.deepEqual(await statuses(handler, 5, of('a', 'gold')), [200, 200, 200, 200, 429]);
    assert.deepEqual(await statuses(handler, 3, of('b', 'bronze')), [200, 200, 429]);
    assert.deepEqual(await statuses(handler, 1, of('c', 'none')), [429]);
    assert.equal(limitFieldsOf(await handler(call([], identityOf('d', 'gold'))))[0], '"main";q=4;w=1');
  });

  it('may be an expression, and is what is configured where that gives nothing', async () => {
    const bench = rateLimitBench();
    const limitFrom = { kind: 'rule', rule: 'request.headers["x-limit"]' } as const;
    const handler = bench.route([limitOf({ limit: 2, burst: 4, limitFrom })]);
    const policyFor = async (value: string) => limitFieldsOf(await handler(call([['X-Limit', value]])));
    assert.deepEqual((await policyFor('10')).slice(0, 2), ['"main";q=10;w=1', '"main";r=19;t=1']);
    bench.clock.advance(10_000);
    bench.counted();
    assert.deepEqual((await policyFor('-1')).slice(0, 2), ['"main";q=2;w=1', '"main";r=3;t=1']);
    assert.deepEqual(bench.counted(), ['failed limit', 'allowed']);
    assert.equal((await policyFor('1.9'))[0], '"main";q=1;w=1');
    assert.equal((await policyFor('99999999999'))[0], '"main";q=1000000000;w=1');
    assert.equal((await policyFor('0'))[2], '1');
  });
});

const costing = (cost: string) => () => call([['X-Cost', cost]]);

describe('what a request costs', () => {
  it('may be a number', async () => {
    const handler = rateLimitBench().route([limitOf({ cost: '4' })]);
    assert.deepEqual(await statuses(handler, 3), [200, 200, 429]);
  });

  it('may be an expression, and is one unit where that gives nothing', async () => {
    const bench = rateLimitBench();
    const handler = bench.route([limitOf({ cost: 'request.headers["x-cost"]' })]);
    assert.deepEqual(await statuses(handler, 2, costing('6')), [200, 429]);
    assert.deepEqual(await statuses(handler, 1, costing('-6')), [200]);
    assert.deepEqual(bench.counted(), ['allowed', 'denied main', 'failed cost', 'allowed']);
    assert.deepEqual(await statuses(handler, 2, costing('0')), [200, 200]);
    assert.deepEqual(await statuses(handler, 1, costing('3')), [200]);
    assert.deepEqual(await statuses(handler, 1, costing('0')), [429]);
  });

  it('is booked when the reply tells it', async () => {
    const bench = rateLimitBench();
    let tokens = '7';
    const handler = bench.route([limitOf({ cost: '2', responseCost: 'response.headers["x-tokens"]' })], () =>
      Promise.resolve(served([['X-Tokens', tokens]])),
    );
    const left = async () => limitFieldsOf(await handler(call()))[1];
    assert.equal(await left(), '"main";r=8;t=1');
    assert.equal(await left(), '"main";r=1;t=1');
    assert.deepEqual(await statuses(handler, 1), [429]);
    bench.clock.advance(10_000);
    tokens = '0';
    assert.equal(await left(), '"main";r=8;t=1');
    assert.equal(await left(), '"main";r=8;t=1');
    bench.counted();
    tokens = 'many';
    await handler(call());
    assert.deepEqual(bench.counted(), ['allowed', 'failed response-cost']);
    tokens = '0';
    assert.equal(await left(), '"main";r=6;t=1');
  });

  it('stays what was taken when the reply is a refusal of ours', async () => {
    const bench = rateLimitBench();
    const refusal: Reply = { ...served([], 403), code: 'FORBIDDEN' };
    const handler = bench.route([limitOf({ cost: '5', responseCost: 'response.headers["x-tokens"]' })], () =>
      Promise.resolve(refusal),
    );
    assert.deepEqual(await statuses(handler, 3), [403, 403, 429]);
    assert.deepEqual(bench.counted(), ['allowed', 'allowed', 'denied main']);
  });
});

describe('a limit that only reports', () => {
  it('changes nothing, and counts what it would have refused', async () => {
    const bench = rateLimitBench();
    const reply = served([['RateLimit', '"theirs";r=1']]);
    const handler = bench.route([limitOf({ limit: 1, mode: 'report' })], () => Promise.resolve(reply));
    assert.equal(await handler(call()), reply);
    assert.equal(await handler(call()), reply);
    assert.deepEqual(bench.counted(), ['reported main']);
  });

  it('leaves others alone', async () => {
    const bench = rateLimitBench();
    const handler = bench.route([
      limitOf({ name: 'old', limit: 3 }),
      limitOf({ name: 'new', limit: 1, mode: 'report', whenKeyMissing: 'deny', by: [{ kind: 'consumer' }] }),
      limitOf({ name: 'newer', limit: 1, mode: 'report' }),
    ]);
    assert.deepEqual(limitFieldsOf(await handler(call())), ['"old";q=3;w=1', '"old";r=2;t=1', undefined]);
    assert.deepEqual(await statuses(handler, 3), [200, 200, 429]);
    assert.deepEqual(bench.counted(), [
      'reported new',
      'allowed',
      'reported new',
      'allowed',
      'reported newer',
      'reported new',
      'allowed',
      'reported newer',
      'reported new',
      'denied old',
    ]);
  });

  it('may be so for a share of the keys, always the same ones', async () => {
    const bench = rateLimitBench();
    const handler = bench.route([
      limitOf({ limit: 0, percent: 30, by: [{ kind: 'header', name: 'x-key' }] }),
    ]);
    const refused = async (key: number) => (await handler(call([['X-Key', `${key}`]]))).status === 429;
    const first = await Promise.all(Array.from({ length: 1000 }, (_, key) => refused(key)));
    const again = await Promise.all(Array.from({ length: 1000 }, (_, key) => refused(key)));
    assert.deepEqual(first, again);
    const count = first.filter(Boolean).length;
    assert.ok(Math.abs(count - 300) < 75, `${count} of 1000`);
    const counted = bench.counted();
    assert.equal(counted.filter((text) => text === 'denied main').length, 2 * count);
    assert.equal(counted.filter((text) => text === 'reported main').length, 2 * (1000 - count));
  });
});

describe('limits that count in Redis', () => {
  const shared = { store: 'redis', limit: 2 } as const;

  for (const answers of ['now', 'later'] as const) {
    it(`are asked together with those of this process, when it answers ${answers}`, async () => {
      const bench = rateLimitBench();
      bench.store.answers = answers;
      const handler = bench.route([limitOf({ name: 'r', ...shared }), limitOf({ name: 'l', limit: 5 })]);
      assert.deepEqual(await statuses(handler, 4), [200, 200, 429, 429]);
      const refusal = await handler(call());
      assert.deepEqual(limitFieldsOf(refusal).slice(0, 2), ['"l";q=5;w=1, "r";q=2;w=1', '"r";r=0;t=1']);
      bench.clock.advance(500);
      // What those of this process had taken for the refused was given back.
      assert.equal(limitFieldsOf(await handler(call()))[1], '"r";r=0;t=1');
      bench.clock.advance(100_000);
      const alone = bench.route([limitOf({ name: 'l', limit: 5 })]);
      assert.deepEqual(await statuses(alone, 6), [200, 200, 200, 200, 200, 429]);
    });
  }

  it('are not asked when those of this process have no room', async () => {
    const bench = rateLimitBench();
    const both = bench.route([limitOf({ name: 'l', limit: 1 }), limitOf({ name: 'r', ...shared })]);
    assert.deepEqual(await statuses(both, 3), [200, 429, 429]);
    assert.deepEqual(await statuses(bench.route([limitOf({ name: 'r', ...shared })]), 2), [200, 429]);
  });

  it('count here when it fails', async () => {
    const bench = rateLimitBench();
    bench.store.answers = 'never';
    const handler = bench.route([limitOf(shared)]);
    assert.deepEqual(await statuses(handler, 3), [200, 200, 429]);
    assert.deepEqual(bench.counted(), [
      'failed store',
      'allowed',
      'failed store',
      'allowed',
      'failed store',
      'denied main',
    ]);
    bench.store.answers = 'now';
    assert.deepEqual(await statuses(handler, 3), [200, 200, 429]);
  });

  it('let pass when it fails, if they say so', async () => {
    const bench = rateLimitBench();
    bench.store.answers = 'never';
    const handler = bench.route([
      limitOf({ name: 'r', ...shared, whenStoreFails: 'allow' }),
      limitOf({ name: 'l', limit: 3 }),
    ]);
    assert.deepEqual(await statuses(handler, 4), [200, 200, 200, 429]);
  });

  it('refuse when it fails, if they say so, and nothing is taken', async () => {
    const bench = rateLimitBench();
    bench.store.answers = 'never';
    const limits = [
      limitOf({ name: 'l', limit: 1 }),
      limitOf({ name: 'r', ...shared, whenStoreFails: 'deny' }),
      limitOf({ name: 's', ...shared }),
    ];
    const reply = await bench.route(limits)(call());
    assert.deepEqual([reply.status, reply.code], [503, 'COUNTERS_UNAVAILABLE']);
    assert.deepEqual(bench.counted(), ['failed store']);
    assert.deepEqual(await statuses(bench.route([limitOf({ name: 'l', limit: 1 })]), 1), [200]);
  });

  it('give back what they took here when another limit has no room', async () => {
    const bench = rateLimitBench();
    bench.store.answers = 'never';
    const handler = bench.route([
      limitOf({ name: 'r', ...shared, limit: 3 }),
      limitOf({ name: 's', ...shared, limit: 1 }),
    ]);
    assert.deepEqual(await statuses(handler, 3), [200, 429, 429]);
    assert.deepEqual(
      await statuses(bench.route([limitOf({ name: 'r', ...shared, limit: 3 })]), 3),
      [200, 200, 429],
    );
  });

  it('do not hold up an exchange to report', async () => {
    const bench = rateLimitBench();
    bench.store.answers = 'later';
    const handler = bench.route([limitOf({ ...shared, limit: 1, mode: 'report' })]);
    assert.deepEqual(await statuses(handler, 3), [200, 200, 200]);
    assert.deepEqual(bench.counted(), ['reported main', 'reported main']);
    bench.store.answers = 'never';
    assert.deepEqual(await statuses(handler, 1), [200]);
    assert.deepEqual(bench.counted(), ['failed store']);
  });
});
