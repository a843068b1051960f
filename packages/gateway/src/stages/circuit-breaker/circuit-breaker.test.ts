import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import { problem } from '../../core/problem.ts';
import { breakerRig } from './breaker-testing.ts';
import { circuitBreaker } from './circuit-breaker.ts';

const TIMEOUT_MS = 1000;

function rig(next: Handler) {
  const breaker = breakerRig({ minimumRequests: 1, failureRate: 100 });
  const wrap = circuitBreaker(
    breaker.breaker,
    { service: 'users', timeoutMs: TIMEOUT_MS },
    { now: () => breaker.clock.ms },
  );
  assert.ok(wrap !== null);
  return { ...breaker, handle: wrap(next) };
}

const answered = (status: number): Reply => ({
  status,
  headers: new Headers(),
  body: null,
  code: '',
  tunnel: null,
});

function failing(code: ErrorCode): Handler {
  return async (exchange) => {
    exchange.record.attempts++;
    throw new GatewayError(code, 'as the test says');
  };
}

describe('a failure is', () => {
  const cases: readonly (readonly [string, Handler, boolean])[] = [
    ...([502, 503, 504] as const).map((status) => [`${status}`, async () => answered(status), true] as const),
    ...([200, 404, 429, 500, 501] as const).map(
      (status) => [`${status}`, async () => answered(status), false] as const,
    ),
    ...(
      ['CONNECT_FAILED', 'CONNECT_TIMEOUT', 'UPSTREAM_RESET', 'UPSTREAM_TIMEOUT', 'UPSTREAM_INVALID'] as const
    ).map((code) => [code, failing(code), true] as const),
    ...(['CLIENT_CLOSED', 'CONNECTION_LIMIT', 'NO_ENDPOINT', 'BODY_TOO_LARGE', 'INTERNAL'] as const).map(
      (code) => [code, failing(code), false] as const,
    ),
    ['OVERLOADED', async () => problem('OVERLOADED', 'r'), false],
    ['a fault of a drill', async () => problem('FAULT_INJECTED', 'r', { status: 502 }), true],
    ['a refusal of a drill', async () => problem('FAULT_INJECTED', 'r', { status: 404 }), false],
  ];
  for (const [what, next, isFailure] of cases) {
    it(`${isFailure ? '' : 'not '}${what}`, async () => {
      const { handle, view } = rig(next);
      await handle(exchangeFrom()).catch(() => null);
      assert.equal(view().state, isFailure ? 'open' : 'closed');
    });
  }

  it('the end of the time of the route, unless the client made it short or sent slowly', async () => {
    const late = (fields: Partial<Exchange>): Exchange => exchangeFrom({ startedAtMs: 0, ...fields });
    const never = { length: 5, readTo() {}, resume() {}, cancel() {} };
    for (const [exchange, state] of [
      [late({}), 'open'],
      [late({ body: never }), 'closed'],
    ] as const) {
      const { handle, view } = rig(failing('DEADLINE_EXCEEDED'));
      await handle(exchange).catch(() => null);
      assert.equal(view().state, state);
    }
    const { handle, view, clock } = rig(failing('DEADLINE_EXCEEDED'));
    await handle(late({ startedAtMs: clock.ms - TIMEOUT_MS + 1 })).catch(() => null);
    assert.equal(view().state, 'closed');
  });

  it('nothing that happened before the service was asked', async () => {
    const { handle, view } = rig(async () => {
      throw new GatewayError('UPSTREAM_TIMEOUT', 'somebody else');
    });
    await handle(exchangeFrom()).catch(() => null);
    assert.equal(view().state, 'closed');
  });
});

describe('while it is open', () => {
  it('nothing is asked, and the client is told when to come back', async () => {
    let asked = 0;
    const { handle } = rig(async () => {
      asked++;
      return answered(503);
    });
    await handle(exchangeFrom());
    const exchange = exchangeFrom();
    const { status, code, headers, body } = await handle(exchange);
    assert.deepEqual([asked, status, code], [1, 503, 'BREAKER_OPEN']);
    const seconds = Number(headers.get('retry-after'));
    assert.ok(seconds >= 4 && seconds <= 6);
    assert.equal(headers.get('proxy-status'), 'turnpike; error=destination_unavailable');
    assert.match(String(body), /"rule":"services.users.circuitBreaker"/);
    assert.equal(exchange.record.service, 'users');
  });
});
