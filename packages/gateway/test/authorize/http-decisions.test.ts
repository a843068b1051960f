import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import type { AuthorizeConfig, ExternalAuthorizationConfig } from '@turnpike/config';
import {
  answer,
  chunkedReply,
  early,
  fieldOf,
  fieldsOf,
  hangUp,
  inTurn,
  manualClock,
  partial,
  reply,
  reset,
  scriptedUpstream,
  stall,
  within,
  type ManualClock,
  type ScriptedUpstream,
  type Step,
} from '@turnpike/testkit';
import type { Exchange, Reply } from '../../src/core/exchange.ts';
import { headersOf } from '../../src/core/headers.ts';
import { callerOf } from '../../src/core/identity-testing.ts';
import {
  authorizeBench,
  callOf,
  externalOf,
  problemOf,
  type AuthorizeBench,
} from '../../src/stages/authorize/authorize-testing.ts';

/** A service that authorizes, and the stage that asks it. */
interface Rig {
  readonly service: ScriptedUpstream;
  readonly bench: AuthorizeBench;
  readonly clock: ManualClock;
  run(exchange?: Exchange): Promise<Reply>;
}

async function rig(
  t: TestContext,
  step: Step,
  config: Partial<ExternalAuthorizationConfig> = {},
  mode: AuthorizeConfig['mode'] = 'on',
): Promise<Rig> {
  const service = await scriptedUpstream(step);
  const clock = manualClock();
  const bench = authorizeBench(clock);
  t.after(async () => {
    bench.decisionPoints.close();
    await service.close();
  });
  const external = externalOf({ url: `${service.url}/check`, ...config });
  return {
    service,
    bench,
    clock,
    run: (exchange = callOf(callerOf())) => within(bench.run({ mode, external }, exchange), 'a decision'),
  };
}

const OK = answer(reply(''));

describe('a question over HTTP', () => {
  it('is the request without its body, under the path of the service, and says where it came from', async (t) => {
    const { service, run, bench } = await rig(t, OK, { requestHeaders: ['x-tenant'] });
    const headers = headersOf(
      ['Authorization', 'Bearer t'],
      ['Cookie', 'a=1'],
      ['X-Tenant', 'blue'],
      ['X-Other', 'x'],
      ['Content-Length', '5'],
      ['X-Forwarded-For', '1.1.1.1'],
    );
    const done = await run(callOf(callerOf(), { method: 'POST', headers, query: '?a=b', body: 'hello' }));
    assert.equal(done.headers.get('x-served'), 'yes');
    assert.deepEqual(bench.counted, ['authorize allowed']);
    const [asked] = service.requests;
    assert.ok(asked !== undefined);
    assert.equal(asked.method, 'POST');
    assert.equal(asked.target, '/check/v1/orders?a=b');
    assert.equal((await asked.whole()).body.length, 0);
    const expected = {
      host: 'api.example.com',
      authorization: 'Bearer t',
      cookie: 'a=1',
      'x-tenant': 'blue',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'api.example.com',
      'x-forwarded-uri': '/v1/orders?a=b',
      'x-forwarded-method': 'POST',
      'content-length': '0',
    };
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual(fieldsOf(asked, name), [value], name);
    assert.equal(fieldOf(asked, 'x-other'), undefined);
  });

  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PURGE']) {
    it(`goes out for ${method}, without a body`, async (t) => {
      const { service, run } = await rig(t, OK);
      assert.equal((await run(callOf(null, { method }))).status, 200);
      assert.equal(service.requests[0]?.method, method);
      assert.equal(fieldOf(service.requests[0], 'transfer-encoding'), undefined);
    });
  }

  it('has the name of the service where the client gave none', async (t) => {
    const { service, run } = await rig(t, OK);
    await run(callOf(null, { authority: '', host: '' }));
    assert.equal(fieldOf(await service.request(0), 'host'), `127.0.0.1:${service.port}`);
  });

  it('uses a connection again, and takes another when that was closed meanwhile', async (t) => {
    const { service, run } = await rig(t, inTurn(OK, OK, reset, OK));
    for (let i = 0; i < 3; i++) assert.equal((await run()).status, 200);
    assert.equal(service.requests.length, 4);
    assert.equal(service.connections, 2);
  });
});

describe('an allowance over HTTP', () => {
  it('sets headers for the service, and takes out what only the decision point may say', async (t) => {
    const allow = answer(
      reply('', ['X-User: alice', 'X-Group: a', 'X-Group: b', 'X-More: no', 'Set-Cookie: a=1']),
    );
    const { run } = await rig(t, allow, { upstreamHeaders: ['x-user', 'x-group', 'x-role'] });
    const headers = headersOf(['X-User', 'root'], ['X-Role', 'admin'], ['X-Else', 'stays']);
    const exchange = callOf(callerOf(), { headers });
    const done = await run(exchange);
    assert.equal(exchange.headers.get('x-user'), 'alice');
    assert.equal(exchange.headers.getList('x-group'), 'a, b');
    assert.equal(exchange.headers.get('x-role'), undefined);
    assert.equal(exchange.headers.get('x-else'), 'stays');
    assert.equal(exchange.headers.get('x-more'), undefined);
    assert.equal(done.headers.get('set-cookie'), undefined);
  });

  it('cannot change framing or what proxies say of each other', async (t) => {
    const names = ['content-length', 'transfer-encoding', 'x-forwarded-for', 'connection'];
    const { run } = await rig(t, answer(reply('', ['X-Forwarded-For: 9.9.9.9', 'Connection: keep-alive'])), {
      upstreamHeaders: names,
    });
    const exchange = callOf(callerOf());
    await run(exchange);
    for (const name of names) assert.equal(exchange.headers.get(name), undefined, name);
  });

  it('may come with any 2xx and a body', async (t) => {
    const { run } = await rig(
      t,
      inTurn(
        answer(reply('', [], '204 No Content')),
        answer(chunkedReply(['yes'])),
        answer(reply('x'.repeat(100_000))),
      ),
    );
    for (let i = 0; i < 3; i++) assert.equal((await run()).headers.get('x-served'), 'yes');
  });
});

describe('a denial over HTTP', () => {
  it('is what the client gets: status, body, and the headers that concern it', async (t) => {
    const fields = [
      'Content-Type: text/plain',
      'WWW-Authenticate: Basic realm="x"',
      'Location: /login',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'X-Reason: tired',
      'X-Internal: secret',
    ];
    const deny = answer(reply('go away', fields, '401 Unauthorized'));
    const { run, bench } = await rig(t, deny, { clientHeaders: ['set-cookie', 'x-reason'] });
    const denied = await run();
    assert.equal(denied.status, 401);
    assert.equal(denied.body, 'go away');
    assert.deepEqual(
      denied.headers.names.map(({ lower }, i) => [lower, denied.headers.values[i]]),
      [
        ['content-type', 'text/plain'],
        ['www-authenticate', 'Basic realm="x"'],
        ['location', '/login'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['x-reason', 'tired'],
        ['cache-control', 'no-store'],
      ],
    );
    assert.deepEqual(bench.counted, ['authorize denied external']);
  });

  it('shows location and www-authenticate without being told to, and cookies only then', async (t) => {
    const fields = ['Location: https://login.example.com/?a=b', 'Set-Cookie: a=1'];
    const { run } = await rig(t, answer(reply('', fields, '302 Found')));
    const denied = await run();
    assert.equal(denied.status, 302);
    assert.equal(denied.headers.get('location'), 'https://login.example.com/?a=b');
    assert.equal(denied.headers.get('set-cookie'), undefined);
    assert.equal(denied.body, null);
  });

  for (const [status, code] of [
    ['401 Unauthorized', 'UNAUTHENTICATED'],
    ['403 Forbidden', 'FORBIDDEN'],
  ] as const) {
    it(`${status} without words gets ours`, async (t) => {
      const { run } = await rig(t, answer(reply('', ['X-Reason: a'], status)), {
        clientHeaders: ['x-reason'],
      });
      const denied = await run();
      assert.equal(denied.code, code);
      assert.equal(denied.headers.get('x-reason'), 'a');
      assert.equal(problemOf(denied)['rule'], 'authorize.external');
      const challenge = denied.headers.get('www-authenticate');
      assert.equal(challenge, code === 'FORBIDDEN' ? undefined : 'Bearer realm="turnpike"');
    });
  }

  it('with a body that is too large is one all the same, in our words', async (t) => {
    const huge = inTurn(
      early(`HTTP/1.1 403 Forbidden\r\nContent-Length: 99999999\r\n\r\n${'x'.repeat(70_000)}`),
      answer(reply('x'.repeat(65_536), [], '403 Forbidden')),
    );
    const { run } = await rig(t, huge);
    assert.equal((await run()).code, 'FORBIDDEN');
    const denied = await run();
    assert.equal(denied.code, '');
    assert.equal(denied.body, 'x'.repeat(65_536));
  });
});

describe('a service over HTTP that gives no decision', () => {
  const faults: readonly (readonly [what: string, step: Step])[] = [
    ['answers with 500', answer(reply('oops', [], '500 Internal Server Error'))],
    ['answers with 503', answer(reply('', [], '503 Service Unavailable'))],
    ['answers with a number that is no status', answer('HTTP/1.1 099 Yes\r\nContent-Length: 0\r\n\r\n')],
    ['answers with a status of zero', answer('HTTP/1.1 000 Yes\r\nContent-Length: 0\r\n\r\n')],
    ['hangs up', hangUp],
    ['resets', reset],
    ['answers with garbage', answer('220 smtp ready\r\n')],
    ['breaks off', partial('HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nab', 'fin')],
    ['breaks off a yes', partial('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab', 'reset')],
    [
      'switches protocols',
      answer('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    ],
    ['has two lengths', answer('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n')],
  ];
  for (const [what, step] of faults) {
    it(`denies with 503 when it ${what}`, async (t) => {
      const { run, bench } = await rig(t, step);
      const refused = await run();
      assert.equal(refused.code, 'AUTHORIZATION_UNAVAILABLE');
      assert.equal(refused.headers.get('retry-after'), '1');
      assert.equal(problemOf(refused)['rule'], 'authorize.external');
      assert.deepEqual(bench.counted, ['authorize failed external-failed']);
    });
  }

  it('denies with 503 when nobody listens', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    server.close();
    await once(server, 'close');
    const { run } = await rig(t, OK, { url: `http://127.0.0.1:${address.port}` });
    assert.equal((await run()).code, 'AUTHORIZATION_UNAVAILABLE');
  });

  it('lets through without its headers when it is told to', async (t) => {
    const { run, bench } = await rig(t, reset, { onFailure: 'allow', upstreamHeaders: ['x-user'] });
    const exchange = callOf(callerOf(), { headers: headersOf(['X-User', 'root']) });
    assert.equal((await run(exchange)).headers.get('x-served'), 'yes');
    assert.equal(exchange.headers.get('x-user'), undefined);
    assert.deepEqual(bench.counted, ['authorize failed external-failed']);
  });

  it('is waited for so long and no longer, and its connection is closed', async (t) => {
    const { run, service, clock, bench } = await rig(t, stall, { timeoutMs: 200 });
    const pending = run();
    const asked = await service.request(0);
    clock.advance(250);
    bench.wheel.advance();
    assert.equal((await pending).code, 'AUTHORIZATION_UNAVAILABLE');
    await asked.closed();
  });

  it('is waited for so long when it has begun to answer', async (t) => {
    const { run, service, clock, bench } = await rig(
      t,
      partial('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na', 'stall'),
      {
        timeoutMs: 200,
      },
    );
    const pending = run();
    const asked = await service.request(0);
    clock.advance(250);
    bench.wheel.advance();
    assert.equal((await pending).code, 'AUTHORIZATION_UNAVAILABLE');
    await asked.closed();
  });

  it('is not asked any more after five failures, for a second', async (t) => {
    const { run, service, clock, bench } = await rig(t, inTurn(reset, reset, reset, reset, reset, OK));
    for (let i = 0; i < 7; i++) assert.equal((await run()).code, 'AUTHORIZATION_UNAVAILABLE');
    assert.equal(service.requests.length, 5);
    assert.equal(bench.warnings.length, 1);
    clock.advance(1000);
    assert.equal((await run()).status, 200);
    assert.equal((await run()).status, 200);
  });
});

describe('a client that leaves', () => {
  it('takes its question with it', async (t) => {
    const { run, service } = await rig(t, stall);
    const exchange = callOf(callerOf());
    const pending = run(exchange);
    const asked = await service.request(0);
    exchange.cancel('CLIENT_CLOSED');
    await assert.rejects(pending, { code: 'CLIENT_CLOSED' });
    await asked.closed();
  });

  it('leaves the question to those who have the same', async (t) => {
    const { promise: go, resolve } = Promise.withResolvers<void>();
    const { run, service } = await rig(
      t,
      async (talk) => {
        await go;
        await talk.write(reply(''));
      },
      { cacheMs: 30_000 },
    );
    const leader = callOf(callerOf());
    const first = run(leader);
    const second = run();
    await service.request(0);
    leader.cancel('CLIENT_CLOSED');
    await assert.rejects(first, { code: 'CLIENT_CLOSED' });
    resolve();
    assert.equal((await second).status, 200);
    assert.equal(service.requests.length, 1);
  });
});

describe('a decision over HTTP', () => {
  it('is remembered with its headers, for the same question only', async (t) => {
    const { run, service, clock } = await rig(
      t,
      inTurn(answer(reply('', ['X-User: alice'])), answer(reply('no', [], '403 Forbidden'))),
      { cacheMs: 30_000, upstreamHeaders: ['x-user'] },
    );
    for (let i = 0; i < 3; i++) {
      const exchange = callOf(callerOf(), { id: `r-${i}` });
      assert.equal((await run(exchange)).status, 200);
      assert.equal(exchange.headers.get('x-user'), 'alice');
    }
    assert.equal(service.requests.length, 1);
    for (let i = 0; i < 3; i++) assert.equal((await run(callOf(callerOf({ key: 'bob' })))).body, 'no');
    assert.equal(service.requests.length, 2);
    clock.advance(30_000);
    assert.equal((await run()).body, 'no');
    assert.equal(service.requests.length, 3);
  });

  it('is forgotten as its Cache-Control says', async (t) => {
    const { run, service, clock } = await rig(
      t,
      inTurn(
        answer(reply('', ['Cache-Control: no-store'])),
        answer(reply('', ['Cache-Control: private, max-age=5'])),
      ),
      { cacheMs: 30_000 },
    );
    await run();
    await run();
    await run();
    assert.equal(service.requests.length, 2);
    clock.advance(5000);
    await run();
    assert.equal(service.requests.length, 3);
  });

  it('changes nothing in report mode', async (t) => {
    const steps = inTurn(
      answer(reply('', ['X-User: alice'])),
      answer(reply('no', [], '403 Forbidden')),
      answer(reply('', [], '500 Oops')),
    );
    const { run, bench } = await rig(t, steps, { upstreamHeaders: ['x-user'] }, 'report');
    for (let i = 0; i < 3; i++) {
      const exchange = callOf(callerOf(), { headers: headersOf(['X-User', 'root']) });
      assert.equal((await run(exchange)).headers.get('x-served'), 'yes');
      assert.equal(exchange.headers.get('x-user'), 'root');
    }
    assert.deepEqual(bench.counted, [
      'authorize allowed',
      'authorize reported external',
      'authorize reported external-failed',
    ]);
  });

  it('is not asked for when something else refuses', async (t) => {
    const { service, bench } = await rig(t, OK);
    const external = externalOf({ url: service.url });
    assert.equal((await bench.run({ external, scopes: ['a'] }, callOf(callerOf()))).code, 'FORBIDDEN');
    assert.equal(
      (await bench.run({ external, rule: 'false', mode: 'report' }, callOf(callerOf()))).status,
      200,
    );
    assert.equal(service.requests.length, 0);
    assert.deepEqual(bench.counted, ['authorize denied scopes', 'authorize reported rule']);
  });
});
