import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RetryConfig } from '@turnpike/config';
import { NEVER } from './backoff.ts';
import { RetryPolicy, type Outcome, type Situation } from './retry-policy.ts';
import { ONE_RETRY } from './retry-testing.ts';

function policy(differences: Partial<RetryConfig> = {}): RetryPolicy {
  return new RetryPolicy({ ...ONE_RETRY, ...differences });
}

const FINE: Situation = {
  method: 'GET',
  outcome: 'UPSTREAM_RESET',
  isReplayable: true,
  isRepetition: false,
  attempts: 1,
  pauseMs: 30,
  leftMs: Infinity,
};

describe('a reason for another attempt', () => {
  const reasons = (differences: Partial<RetryConfig>): Outcome[] => {
    const all: readonly Outcome[] = [
      'UPSTREAM_RESET',
      'UPSTREAM_INVALID',
      'UPSTREAM_INCOMPLETE',
      'UPSTREAM_TIMEOUT',
      'CLIENT_CLOSED',
      'INTERNAL',
      'OVERLOADED',
      'REQUEST_TIMEOUT',
      101,
      200,
      404,
      429,
      500,
      501,
      502,
      503,
      504,
    ];
    return all.filter((outcome) => policy(differences).isReason(outcome));
  };

  it('is by default that the service broke off before it answered', () => {
    assert.deepEqual(reasons({}), ['UPSTREAM_RESET', 'UPSTREAM_INVALID', 'UPSTREAM_INCOMPLETE']);
  });

  it('is what is configured', () => {
    assert.deepEqual(reasons({ on: [] }), []);
    assert.deepEqual(reasons({ on: ['connect-failure'] }), []);
    assert.deepEqual(reasons({ on: ['timeout'] }), ['UPSTREAM_TIMEOUT']);
    assert.deepEqual(reasons({ on: [503, 429, 500] }), [429, 500, 503]);
  });

  it('is a status of gRPC by its name', () => {
    const one = policy({ on: ['unavailable', 'resource-exhausted'] });
    const named = (['unavailable', 'internal', 'resource-exhausted'] as const).filter((outcome) =>
      one.isReason(outcome),
    );
    assert.deepEqual(named, ['unavailable', 'resource-exhausted']);
    assert.equal(policy({}).isReason('unavailable'), false);
  });

  it('is always that the time of an attempt was over', () => {
    assert.deepEqual(reasons({ on: [], perTryMs: 100 }), ['UPSTREAM_TIMEOUT']);
  });
});

describe('another attempt', () => {
  it('is allowed for idempotent methods, and those that are configured', () => {
    const allowed = (methods: string[]): string[] =>
      ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'QUERY', 'POST', 'PATCH', 'get'].filter(
        (method) => policy({ methods }).obstacle({ ...FINE, method }) === null,
      );
    const idempotent = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'QUERY'];
    assert.deepEqual(allowed([]), idempotent);
    assert.deepEqual(allowed(['POST']), [...idempotent, 'POST']);
  });

  it('is allowed for any method after a status of gRPC that the route names', () => {
    const on = policy({ on: ['unavailable'] });
    assert.equal(on.obstacle({ ...FINE, method: 'POST', outcome: 'unavailable' }), null);
    assert.equal(on.obstacle({ ...FINE, method: 'POST', outcome: 'UPSTREAM_RESET' }), 'method');
  });

  const OBSTACLES: readonly (readonly [Partial<Situation>, string])[] = [
    [{ method: 'POST' }, 'method'],
    [{ isReplayable: false }, 'body'],
    [{ isRepetition: true }, 'layer'],
    [{ attempts: 2 }, 'attempts'],
    [{ attempts: 8 }, 'attempts'],
    [{ pauseMs: NEVER }, 'pause'],
    [{ pauseMs: 30, leftMs: 30 }, 'deadline'],
    [{ pauseMs: 30, leftMs: -5 }, 'deadline'],
  ];
  for (const [difference, obstacle] of OBSTACLES) {
    it(`is not made when ${JSON.stringify(difference)}`, () => {
      assert.equal(policy().obstacle({ ...FINE, ...difference }), obstacle);
    });
  }

  it('is made as often as is configured', () => {
    const five = policy({ attempts: 5 });
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((attempts) => five.obstacle({ ...FINE, attempts })),
      [null, null, null, null, 'attempts'],
    );
  });

  it('has bodies kept only where it may come to it', () => {
    assert.equal(policy().bytesToKeep('PUT'), 65_536);
    assert.equal(policy().bytesToKeep('POST'), 0);
    assert.equal(policy({ methods: ['POST'], bodyBytes: 9 }).bytesToKeep('POST'), 9);
    assert.equal(policy({ mode: 'report' }).bytesToKeep('PUT'), 0);
    assert.equal(policy({ mode: 'report', perTryMs: 5 }).attemptMs, null);
  });
});
