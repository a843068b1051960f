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

function ofGrpc(status: number, grpcStatus: number): Handler {
  return async (exchange) => {
    exchange.record.grpcStatus = grpcStatus;
    return answered(status);
  };
}

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
    ['UNAVAILABLE of gRPC', ofGrpc(200, 14), true],
    ['INTERNAL of gRPC', ofGrpc(200, 13), false],
    ['a 429 to a gRPC call', ofGrpc(429, 14), false],
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

  const upload = { length: 5, readTo() {}, resume() {}, cancel() {} };
  /** What happens until the end of the exchange, by the time that passes meanwhile. */
  const overdue: readonly (readonly [
    string,
    number,
    Partial<Pick<Exchange, 'body' | 'isCallersDeadline'>>,
    boolean,
  ])[] = [
    ['the end of the time of the route', TIMEOUT_MS, {}, true],
    ['the end of most of it, after a while with us', TIMEOUT_MS * 0.6, { body: 'whole' }, true],
    ['the end of the rest that others left of it', TIMEOUT_MS * 0.4, {}, false],
    ['the end of a time that the client chose', TIMEOUT_MS, { isCallersDeadline: true }, false],
    ['the end of the time while the client sent', TIMEOUT_MS, { body: upload }, false],
  ];
  for (const [what, passedMs, differences, isFailure] of overdue) {
    it(`${isFailure ? '' : 'not '}${what}`, async () => {
      const { handle, view, clock } = rig(async (exchange) => {
        clock.ms += passedMs;
        // Somebody inside waits for bodies, and this one came in the last moment.
        if (exchange.body === upload) exchange.body = 'whole';
        return failing('DEADLINE_EXCEEDED')(exchange);
      });
      const exchange = Object.assign(exchangeFrom({ startedAtMs: 0 }), differences);
      await handle(exchange).catch(() => null);
      assert.equal(view().state, isFailure ? 'open' : 'closed');
    });
  }

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
