import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import { Breaker } from './breaker.ts';
import { manualClockwork } from './providers-testing.ts';

const UNAVAILABLE = { code: 'IDENTITY_UNAVAILABLE' };

function setUp() {
  const clockwork = manualClockwork();
  const breaker = new Breaker(clockwork.clock);
  let calls = 0;
  const answering = (outcome: 'ok' | 'IDENTITY_UNAVAILABLE' | 'UNAUTHENTICATED') => async () => {
    calls++;
    if (outcome !== 'ok') throw new GatewayError(outcome, 'no');
  };
  const fail = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++)
      await assert.rejects(breaker.run(answering('IDENTITY_UNAVAILABLE')), UNAVAILABLE);
  };
  return { clockwork, breaker, answering, fail, calls: () => calls };
}

describe('a breaker', () => {
  it('answers in place of the endpoint after five failures in a row', async () => {
    const { breaker, answering, fail, calls } = setUp();
    await fail(4);
    await breaker.run(answering('ok'));
    await fail(5);
    assert.equal(breaker.state, 'open');
    await assert.rejects(breaker.run(answering('ok')), UNAVAILABLE);
    assert.equal(calls(), 10);
  });

  it('takes a refusal for an answer', async () => {
    const { breaker, answering, fail } = setUp();
    await fail(4);
    for (let time = 0; time < 10; time++)
      await assert.rejects(breaker.run(answering('UNAUTHENTICATED')), { code: 'UNAUTHENTICATED' });
    assert.equal(breaker.state, 'closed');
    await fail(4);
    assert.equal(breaker.state, 'closed');
  });

  it('lets one call through when its time is over, and closes when that succeeds', async () => {
    const { clockwork, breaker, answering, fail } = setUp();
    await fail(5);
    clockwork.advance(999);
    assert.equal(breaker.state, 'open');
    clockwork.advance(1);
    assert.equal(breaker.state, 'half-open');
    const { promise, resolve } = Promise.withResolvers<void>();
    const trial = breaker.run(() => promise);
    await assert.rejects(breaker.run(answering('ok')), UNAVAILABLE);
    resolve();
    await trial;
    assert.equal(breaker.state, 'closed');
    await breaker.run(answering('ok'));
  });

  it('stays open for longer each time, five seconds at most', async () => {
    const { clockwork, breaker, fail } = setUp();
    await fail(5);
    for (const openMs of [1000, 2000, 4000, 5000, 5000]) {
      clockwork.advance(openMs - 1);
      assert.equal(breaker.state, 'open');
      clockwork.advance(1);
      await fail(1);
    }
  });

  it('bounds how much is under way', async () => {
    const { breaker, answering } = setUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    const many = Array.from({ length: 1000 }, () => breaker.run(() => promise));
    await assert.rejects(breaker.run(answering('ok')), UNAVAILABLE);
    resolve();
    await Promise.all(many);
    await breaker.run(answering('ok'));
  });
});
