import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FallbackConfig } from '@turnpike/config';
import type { BodySource } from '../../core/body.ts';
import { countedDecisions } from '../../core/decisions-testing.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { headersOf, Headers } from '../../core/headers.ts';
import { problem } from '../../core/problem.ts';
import { fallback } from './fallback.ts';

const RESPOND: FallbackConfig = { mode: 'on', kind: 'respond', status: 200, body: 'spare', headers: [] };
const SERVICE: FallbackConfig = { mode: 'on', kind: 'service', service: 'spare' };

const replyOf = (status: number, body: Reply['body'] = null): Reply => ({
  status,
  headers: new Headers(),
  body,
  code: '',
  tunnel: null,
});
const SPARE = replyOf(203);

function rig(config: FallbackConfig, next: Handler) {
  const counted = countedDecisions();
  const asked: Exchange[] = [];
  const wrap = fallback(config, {
    answer: async (exchange) => {
      asked.push(exchange);
      return SPARE;
    },
    decisions: counted.decisions,
  });
  assert.ok(wrap !== null);
  return { handle: wrap(next), counted, asked };
}

const failing =
  (code: ErrorCode): Handler =>
  async () => {
    throw new GatewayError(code, 'as the test says');
  };
const refusing =
  (code: ErrorCode, status?: number): Handler =>
  async ({ id }) =>
    problem(code, id, status === undefined ? {} : { status });

/** A body that tells what becomes of it. */
function bodyOf(): BodySource & { readonly log: string[] } {
  const log: string[] = [];
  return {
    log,
    length: 5,
    readTo: () => void log.push('read'),
    resume: () => void log.push('resumed'),
    cancel: () => void log.push('cancelled'),
  };
}

describe('a fallback answers', () => {
  const cases: readonly (readonly [string, Handler, string])[] = [
    ...(
      ['CONNECT_FAILED', 'CONNECT_TIMEOUT', 'UPSTREAM_RESET', 'UPSTREAM_TIMEOUT', 'NO_ENDPOINT'] as const
    ).map((code) => [`when ${code} is thrown`, failing(code), code] as const),
    ...(['BREAKER_OPEN', 'OVERLOADED', 'CONNECTION_LIMIT'] as const).map(
      (code) => [`when ${code} is the reply`, refusing(code), code] as const,
    ),
    ...([502, 503, 504] as const).map(
      (status) => [`when the service says ${status}`, async () => replyOf(status), String(status)] as const,
    ),
    ['when a drill says 503', refusing('FAULT_INJECTED', 503), 'FAULT_INJECTED'],
  ];
  for (const [when, next, reason] of cases) {
    it(when, async () => {
      const { handle, counted } = rig(RESPOND, next);
      const exchange = exchangeFrom();
      assert.equal(await handle(exchange), SPARE);
      assert.equal(String(exchange.record.fallbackFor), reason);
      assert.deepEqual(counted.take(), [`fallback denied ${reason}`]);
    });
  }
});

describe('a fallback does not answer', () => {
  const replies: readonly (readonly [string, Handler])[] = [
    ...([200, 404, 429, 500, 501] as const).map(
      (status) => [`when the service says ${status}`, async () => replyOf(status)] as const,
    ),
    ...(['RATE_LIMITED', 'LOOP_DETECTED', 'CREDENTIALS_UNAVAILABLE', 'GATEWAY_OVERLOADED'] as const).map(
      (code) => [`when ${code} is the reply`, refusing(code)] as const,
    ),
    ['when a drill says 404', refusing('FAULT_INJECTED', 404)],
  ];
  for (const [when, next] of replies) {
    it(when, async () => {
      const { handle, asked, counted } = rig(RESPOND, next);
      const exchange = exchangeFrom();
      await handle(exchange);
      assert.deepEqual([asked.length, exchange.record.fallbackFor, counted.take()], [0, null, []]);
    });
  }

  for (const code of ['INTERNAL', 'BODY_TOO_LARGE', 'DEADLINE_EXCEEDED', 'CLIENT_CLOSED'] as const) {
    it(`when ${code} is thrown`, async () => {
      const { handle, asked } = rig(RESPOND, failing(code));
      await assert.rejects(handle(exchangeFrom()), { code });
      assert.equal(asked.length, 0);
    });
  }

  it('when nobody waits any more', async () => {
    const { handle, asked } = rig(RESPOND, failing('UPSTREAM_RESET'));
    const exchange = exchangeFrom();
    exchange.cancel('CLIENT_CLOSED');
    await assert.rejects(handle(exchange));
    assert.equal(asked.length, 0);
  });

  it('when it only reports', async () => {
    const { handle, asked, counted } = rig({ ...SERVICE, mode: 'report' }, failing('NO_ENDPOINT'));
    await assert.rejects(handle(exchangeFrom()), { code: 'NO_ENDPOINT' });
    assert.deepEqual([asked.length, counted.take()], [0, ['fallback reported NO_ENDPOINT']]);
  });
});

it('what the service sent instead of an answer is not waited for', async () => {
  const body = bodyOf();
  const { handle } = rig(RESPOND, async () => replyOf(503, body));
  await handle(exchangeFrom());
  assert.deepEqual(body.log, ['cancelled']);
});

describe('another service', () => {
  it('gets the request as it was before the first', async () => {
    const { handle, asked } = rig(SERVICE, async (exchange) => {
      exchange.headers.append('X-Identity-Token', 'for the first one only');
      exchange.headers.set('Priority', 'u=1');
      exchange.body = null;
      return replyOf(503);
    });
    const headers = headersOf(['Accept', 'text/plain'], ['Priority', 'u=5']);
    await handle(exchangeFrom({ headers, body: 'hello', method: 'POST' }));
    const [exchange] = asked;
    assert.deepEqual(exchange?.headers.values, ['text/plain', 'u=5']);
    assert.equal(exchange?.headers.has('x-identity-token'), false);
    assert.equal(exchange?.body, 'hello');
  });

  it('gets a body that nobody has begun to read', async () => {
    const body = bodyOf();
    const { handle, asked } = rig(SERVICE, failing('CONNECT_FAILED'));
    await handle(exchangeFrom({ body, method: 'POST' }));
    const given = asked[0]?.body;
    assert.ok(typeof given === 'object' && given !== null);
    assert.equal(given.length, 5);
    given.readTo({ write: () => 0, flush() {}, end() {}, fail() {} });
    assert.deepEqual(body.log, ['read']);
  });

  it('does not get one of which a part is gone, and what failed has failed', async () => {
    const body = bodyOf();
    const { handle, asked, counted } = rig(SERVICE, async (exchange) => {
      assert.ok(typeof exchange.body === 'object');
      exchange.body?.readTo({ write: () => 0, flush() {}, end() {}, fail() {} });
      return replyOf(503);
    });
    const { status } = await handle(exchangeFrom({ body, method: 'POST' }));
    assert.deepEqual([status, asked.length, counted.take()], [503, 0, ['fallback failed body-sent']]);
  });
});
