import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ExternalAuthorizationConfig } from '@turnpike/config';
import { eventually, manualClock, within, type ManualClock } from '@turnpike/testkit';
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
import {
  allowance,
  answerMessage,
  answerWith,
  denial,
  grpcDecisionServer,
  prefixed,
  textsOf,
  type GrpcDecisionServer,
  type GrpcStep,
} from './grpc-decision-server.ts';

/** A service that authorizes, and the stage that asks it. */
interface Rig {
  readonly service: GrpcDecisionServer;
  readonly bench: AuthorizeBench;
  readonly clock: ManualClock;
  run(exchange?: Exchange): Promise<Reply>;
}

async function rig(
  t: TestContext,
  step: GrpcStep,
  config: Partial<ExternalAuthorizationConfig> = {},
): Promise<Rig> {
  const service = await grpcDecisionServer(step);
  const clock = manualClock(1_700_000_000_500);
  const bench = authorizeBench(clock);
  t.after(async () => {
    bench.decisionPoints.close();
    await service.close();
  });
  const external = externalOf({ protocol: 'grpc', url: service.url, ...config });
  return {
    service,
    bench,
    clock,
    run: (exchange = callOf(callerOf())) => within(bench.run({ external }, exchange), 'a decision'),
  };
}

const OK = answerMessage(allowance());
const STALL: GrpcStep = () => {};

describe('a question over gRPC', () => {
  it('is a Check of the request', async (t) => {
    const { service, run } = await rig(t, OK, { requestHeaders: ['x-tenant'], timeoutMs: 250 });
    const headers = headersOf(['Authorization', 'Bearer t'], ['X-Tenant', 'blue'], ['X-Other', 'x']);
    assert.equal((await run(callOf(callerOf(), { method: 'POST', headers, query: '?a=b' }))).status, 200);
    const { headers: head, message } = await service.check(0);
    assert.equal(head[':path'], '/envoy.service.auth.v3.Authorization/Check');
    assert.equal(head[':method'], 'POST');
    assert.equal(head['content-type'], 'application/grpc');
    assert.equal(head['te'], 'trailers');
    assert.equal(head['grpc-timeout'], '250m');
    const request = '1.4.2';
    assert.deepEqual(
      textsOf(message, ['1.1.1.1.2', '1.1.7', '1.2.1.1.3', '1.4.1.1', '1.4.1.2', '1.10.1', '1.10.2']),
      {
        '1.1.1.1.2': ['203.0.113.9'],
        '1.1.7': ['corporate alice'],
        '1.2.1.1.3': ['443'],
        '1.4.1.1': ['1700000000'],
        '1.4.1.2': ['500000000'],
        '1.10.1': ['route'],
        '1.10.2': ['orders'],
      },
    );
    const fields = textsOf(
      message,
      [1, 2, 4, 5, 6, 10].map((field) => `${request}.${field}`),
    );
    assert.deepEqual(Object.values(fields).flat(), [
      'r-1',
      'POST',
      '/v1/orders?a=b',
      'api.example.com',
      'https',
      'HTTP/1.1',
    ]);
    assert.deepEqual(textsOf(message, [`${request}.3.1`, `${request}.3.2`]), {
      [`${request}.3.1`]: [
        'authorization',
        'x-tenant',
        'x-identity-subject',
        'x-identity-provider',
        'x-forwarded-for',
        'x-forwarded-proto',
        'x-forwarded-host',
        'x-forwarded-uri',
        'x-forwarded-method',
      ],
      [`${request}.3.2`]: [
        'Bearer t',
        'blue',
        'alice',
        'corporate',
        '203.0.113.9',
        'https',
        'api.example.com',
        '/v1/orders?a=b',
        'POST',
      ],
    });
  });

  it('goes over one connection with all others', async (t) => {
    const { service, run } = await rig(t, OK);
    await run();
    await Promise.all(Array.from({ length: 20 }, () => run()));
    assert.equal(service.checks.length, 21);
    assert.equal(service.connections, 1);
  });

  for (const how of ['goaway', 'destroy'] as const) {
    it(`goes over a new connection after the old one ended: ${how}`, async (t) => {
      const { service, run } = await rig(t, OK);
      await run();
      service.disconnect(how);
      // What is asked before the end is known may still go over the old one, or fail; then it is known.
      let reply = await run();
      for (let i = 0; i < 20 && service.connections < 2; i++) reply = await run();
      assert.equal(reply.status, 200);
      assert.equal(service.connections, 2);
    });
  }
});

describe('an allowance over gRPC', () => {
  it('sets and removes headers of the request, and sets some of the answer', async (t) => {
    const message = allowance(
      [
        ['X-User', 'alice'],
        ['x-forwarded-for', '9.9.9.9'],
        ['content-length', '7'],
      ],
      ['Authorization', 'Host', ':path'],
      [
        ['x-served', 'checked'],
        ['set-cookie', 'a=1'],
      ],
    );
    const { run, bench } = await rig(t, answerMessage(message), { upstreamHeaders: ['x-role'] });
    const headers = headersOf(
      ['Host', 'api.example.com'],
      ['Authorization', 'Bearer t'],
      ['X-User', 'root'],
      ['X-Role', 'admin'],
    );
    const exchange = callOf(callerOf(), { headers });
    const done = await run(exchange);
    assert.deepEqual(
      exchange.headers.names.map(({ lower }, i) => [lower, exchange.headers.values[i]]),
      [
        ['host', 'api.example.com'],
        ['x-user', 'alice'],
      ],
    );
    assert.equal(done.headers.getList('x-served'), 'checked');
    assert.equal(done.headers.get('set-cookie'), 'a=1');
    assert.deepEqual(bench.counted, ['authorize allowed']);
  });
});

describe('a denial over gRPC', () => {
  it('is what the client gets', async (t) => {
    const message = denial(
      429,
      [
        ['Content-Type', 'text/plain'],
        ['X-Reason', 'tired'],
        ['Connection', 'close'],
      ],
      'gö away',
    );
    const { run, bench } = await rig(t, answerMessage(message));
    const denied = await run();
    assert.equal(denied.status, 429);
    assert.ok(typeof denied.body === 'string');
    assert.equal(Buffer.from(denied.body, 'latin1').toString(), 'gö away');
    assert.equal(denied.headers.get('x-reason'), 'tired');
    assert.equal(denied.headers.get('connection'), undefined);
    assert.deepEqual(bench.counted, ['authorize denied external']);
  });

  it('without words is a 403 in ours', async (t) => {
    const { run } = await rig(t, answerMessage(Buffer.from([0x0a, 0x02, 0x08, 0x10])));
    const denied = await run();
    assert.equal(denied.code, 'FORBIDDEN');
    assert.equal(problemOf(denied)['rule'], 'authorize.external');
  });
});

describe('a service over gRPC that gives no decision', () => {
  const faults: readonly (readonly [what: string, step: GrpcStep])[] = [
    [
      'has a status other than OK in the head',
      ({ stream }) =>
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' },
          { endStream: true },
        ),
    ],
    ['has a status other than OK at the end', answerWith(prefixed(allowance()), '13')],
    [
      'has no status',
      ({ stream }) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.end(prefixed(allowance()));
      },
    ],
    ['answers with 404', ({ stream }) => stream.respond({ ':status': 404 }, { endStream: true })],
    ['sends no message', answerWith(new Uint8Array())],
    ['sends two messages', answerWith(Buffer.concat([prefixed(allowance()), prefixed(allowance())]))],
    ['sends half a message', answerWith(prefixed(allowance()).subarray(0, 6))],
    ['sends garbage', answerMessage(Buffer.from('garbage'))],
    [
      'sends a compressed message',
      answerWith(Buffer.concat([Buffer.of(1), prefixed(allowance()).subarray(1)])),
    ],
    ['sends too much', answerMessage(denial(403, [], 'x'.repeat(300_000)))],
    ['resets the stream', ({ stream }) => stream.close(2)],
    ['ends the connection', ({ stream }) => stream.session?.destroy()],
  ];
  for (const [what, step] of faults) {
    it(`denies with 503 when it ${what}`, async (t) => {
      const { run, bench } = await rig(t, step);
      assert.equal((await run()).code, 'AUTHORIZATION_UNAVAILABLE');
      assert.deepEqual(bench.counted, ['authorize failed external-failed']);
    });
  }

  it('denies with 503 when nobody listens', async (t) => {
    const { run, service } = await rig(t, OK);
    await service.close();
    assert.equal((await run()).code, 'AUTHORIZATION_UNAVAILABLE');
    assert.equal((await run()).code, 'AUTHORIZATION_UNAVAILABLE');
  });

  it('is waited for so long and no longer, and is asked over a new connection then', async (t) => {
    const { run, service, clock, bench } = await rig(t, STALL, { timeoutMs: 200 });
    const pending = run();
    const { stream } = await service.check(0);
    clock.advance(250);
    bench.wheel.advance();
    assert.equal((await pending).code, 'AUTHORIZATION_UNAVAILABLE');
    await eventually(() => stream.closed, 'the end of the question');
    service.script(OK);
    assert.equal((await run()).status, 200);
    assert.equal(service.connections, 2);
  });

  it('lets through when it is told to', async (t) => {
    const { run } = await rig(t, ({ stream }) => stream.close(2), { onFailure: 'allow' });
    assert.equal((await run()).headers.get('x-served'), 'yes');
  });
});

describe('a client that leaves', () => {
  it('takes its question over gRPC with it, and nothing else', async (t) => {
    const { run, service } = await rig(t, STALL);
    const exchange = callOf(callerOf());
    const pending = run(exchange);
    const { stream } = await service.check(0);
    exchange.cancel('CLIENT_CLOSED');
    await assert.rejects(pending, { code: 'CLIENT_CLOSED' });
    await eventually(() => stream.closed, 'the end of the question');
    service.script(OK);
    assert.equal((await run()).status, 200);
    assert.equal(service.connections, 1);
  });
});

describe('a decision over gRPC', () => {
  it('is remembered, and forgotten as its Cache-Control says', async (t) => {
    const { run, service, clock } = await rig(
      t,
      answerMessage(allowance(), { 'cache-control': 'max-age=5' }),
      { cacheMs: 30_000 },
    );
    await run();
    await run();
    assert.equal(service.checks.length, 1);
    clock.advance(5000);
    await run();
    assert.equal(service.checks.length, 2);
  });
});
