import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import type { AccessToken } from '../../core/desk.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { PAUSE_MS, TokenSource, type ServiceToken } from './token-source.ts';

/** A provider that answers when the test says so. */
function bench() {
  const clock = manualClock();
  const asked: string[] = [];
  let answers: PromiseWithResolvers<AccessToken>[] = [];
  const source = new TokenSource((subjectToken) => {
    asked.push(subjectToken);
    const answer = Promise.withResolvers<AccessToken>();
    answers.push(answer);
    return answer.promise;
  }, clock);
  const next = () => {
    const [first, ...rest] = answers;
    assert.ok(first !== undefined, 'the provider was not asked');
    answers = rest;
    return first;
  };
  return {
    clock,
    asked,
    source,
    /** Gives a token to who asked first. */
    async give(token: string, lifetimeMs: number): Promise<void> {
      next().resolve({ token, expiresAtMs: clock.epoch() + lifetimeMs });
      await settled();
    },
    async fail(code: ErrorCode): Promise<void> {
      next().reject(new GatewayError(code, 'as the test says'));
      await settled();
    },
  };
}

/** All promises that can settle have settled. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const bearer = (token: string): ServiceToken => ({ kind: 'token', authorization: `Bearer ${token}` });
const HOUR = 3_600_000;

describe('a source of tokens', () => {
  it('asks once for all who wait', async () => {
    const { source, asked, give } = bench();
    const waiting = [source.obtain(''), source.obtain(''), source.obtain('')];
    await give('one', HOUR);
    assert.deepEqual(await Promise.all(waiting), [bearer('one'), bearer('one'), bearer('one')]);
    assert.deepEqual(asked, ['']);
    assert.deepEqual(source.recall(''), bearer('one'));
  });

  it('keeps the tokens of callers apart', async () => {
    const { source, asked, give } = bench();
    const waiting = [source.obtain('a'), source.obtain('b')];
    await give('for-a', HOUR);
    await give('for-b', HOUR);
    assert.deepEqual(await Promise.all(waiting), [bearer('for-a'), bearer('for-b')]);
    assert.deepEqual(asked, ['a', 'b']);
    assert.deepEqual(source.recall('a'), bearer('for-a'));
    assert.deepEqual(source.recall('b'), bearer('for-b'));
    assert.equal(source.recall('c'), null);
  });

  it('gives no token that ends within half a minute', async () => {
    const { source, clock, give } = bench();
    void source.obtain('');
    await give('one', HOUR);
    clock.advance(HOUR - 30_001);
    assert.deepEqual(source.recall(''), bearer('one'));
    clock.advance(1);
    assert.equal(source.recall(''), null);
  });

  it('gives a token with a short life for most of it', async () => {
    const { source, clock, give } = bench();
    void source.obtain('');
    await give('one', 10_000);
    clock.advance(7_999);
    assert.deepEqual(source.recall(''), bearer('one'));
    clock.advance(1);
    assert.equal(source.recall(''), null);
  });

  it('gives no token that is over when it comes', async () => {
    const { source, give } = bench();
    void source.obtain('');
    await give('one', 0);
    assert.equal(source.recall(''), null);
  });

  it('fetches the next one early, beside the requests', async () => {
    const { source, clock, asked, give } = bench();
    void source.obtain('');
    await give('one', HOUR);
    clock.advance((HOUR - 30_000) * 0.8 - 1);
    source.recall('');
    assert.equal(asked.length, 1);
    clock.advance(1);
    assert.deepEqual(source.recall(''), bearer('one'));
    assert.deepEqual(source.recall(''), bearer('one'));
    assert.equal(asked.length, 2);
    await give('two', HOUR);
    assert.deepEqual(source.recall(''), bearer('two'));
    assert.equal(asked.length, 2);
  });

  it('goes on with the token in hand while the provider is down, and asks again after a pause', async () => {
    const { source, clock, asked, fail, give } = bench();
    void source.obtain('');
    await give('one', HOUR);
    clock.advance(HOUR - 60_000);
    source.recall('');
    await fail('IDENTITY_UNAVAILABLE');
    clock.advance(999);
    assert.deepEqual(source.recall(''), bearer('one'));
    assert.equal(asked.length, 2);
    clock.advance(1);
    assert.deepEqual(source.recall(''), bearer('one'));
    assert.equal(asked.length, 3);
    await give('two', HOUR);
    assert.deepEqual(source.recall(''), bearer('two'));
  });

  const failures: readonly (readonly [code: ErrorCode, kind: ServiceToken['kind']])[] = [
    ['UNAUTHENTICATED', 'refused'],
    ['IDENTITY_UNAVAILABLE', 'unavailable'],
    ['INTERNAL', 'unavailable'],
  ];
  for (const [code, kind] of failures) {
    it(`says ${kind} after ${code}, without asking again for a second`, async () => {
      const { source, clock, asked, fail, give } = bench();
      const answer = source.obtain('');
      await fail(code);
      assert.deepEqual(await answer, { kind });
      clock.advance(999);
      assert.deepEqual(source.recall(''), { kind });
      assert.equal(asked.length, 1);
      clock.advance(1);
      assert.equal(source.recall(''), null);
      void source.obtain('');
      await give('one', HOUR);
      assert.deepEqual(source.recall(''), bearer('one'));
    });
  }

  for (const token of ['', 'a b', 'a\r\nX: y', 'ü', 'x'.repeat(8193)]) {
    it(`takes ${JSON.stringify(token.slice(0, 12))} for no token`, async () => {
      const { source, give } = bench();
      const answer = source.obtain('');
      await give(token, HOUR);
      assert.deepEqual(await answer, { kind: 'unavailable' });
    });
  }

  it('is in no doubt for longer when the wall clock is set back: neither a failure nor a token lives on', async () => {
    const { source, clock, asked, give, fail } = bench();
    void source.obtain('');
    await fail('IDENTITY_UNAVAILABLE');
    clock.step(-HOUR);
    clock.advance(PAUSE_MS);
    assert.equal(source.recall(''), null);
    void source.obtain('');
    await give('one', HOUR);
    clock.step(-HOUR);
    clock.advance(HOUR);
    assert.equal(source.recall(''), null);
    assert.equal(asked.length, 2);
  });

  it('does not send a token that ended while the machine slept', async () => {
    const { source, clock, give } = bench();
    void source.obtain('');
    await give('one', HOUR);
    clock.step(HOUR);
    assert.equal(source.recall(''), null);
  });
});
