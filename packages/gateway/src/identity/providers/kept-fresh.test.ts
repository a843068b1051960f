import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeptFresh, type Lesson } from './kept-fresh.ts';
import { manualClockwork, settled } from './providers-testing.ts';

const LIFETIME_MS = 600_000;
const STALE_MS = 3_600_000;

/** Something that is learned when the test says so. */
function setUp() {
  const clockwork = manualClockwork();
  const attempts: PromiseWithResolvers<Lesson<string>>[] = [];
  let updates = 0;
  const learn = (signal: AbortSignal): Promise<Lesson<string>> => {
    const attempt = Promise.withResolvers<Lesson<string>>();
    signal.addEventListener('abort', () => attempt.reject(new Error('aborted')));
    attempts.push(attempt);
    return attempt.promise;
  };
  const freshness = { lifetimeMs: LIFETIME_MS, staleMs: STALE_MS };
  const kept = new KeptFresh<string>({ learn, onUpdate: () => void updates++ }, freshness, clockwork);
  return {
    clockwork,
    kept,
    attempts,
    updates: () => updates,
    value: () => kept.known?.value ?? null,
    async succeed(value: string, maxAgeMs: number | null = null) {
      attempts.at(-1)?.resolve({ value, maxAgeMs });
      await settled();
    },
    async fail(message = 'gone') {
      attempts.at(-1)?.reject(new Error(message));
      await settled();
    },
  };
}

describe('what is kept fresh', () => {
  it('is learned anew at about 80 % of its life, again and again', async () => {
    const { clockwork, kept, attempts, value, succeed } = setUp();
    void kept.learn();
    await succeed('one');
    for (const count of [2, 3, 4]) {
      clockwork.advance(0.8 * LIFETIME_MS - 1);
      assert.equal(attempts.length, count - 1);
      clockwork.advance(1);
      assert.equal(attempts.length, count);
      await succeed(`value ${count}`);
      assert.equal(value(), `value ${count}`);
    }
  });

  it('is learned sooner when its source says so, but not more than about once a minute', async () => {
    const { clockwork, kept, attempts, succeed } = setUp();
    void kept.learn();
    await succeed('one', 300_000);
    clockwork.advance(240_000);
    assert.equal(attempts.length, 2);
    await succeed('one', 0);
    clockwork.advance(47_999);
    assert.equal(attempts.length, 2);
    clockwork.advance(1);
    assert.equal(attempts.length, 3);
    await succeed('one', 10 * LIFETIME_MS);
    clockwork.advance(0.8 * LIFETIME_MS);
    assert.equal(attempts.length, 4);
  });

  it('stays while it cannot be learned anew, until it is too old', async () => {
    const { clockwork, kept, value, updates, succeed, fail } = setUp();
    void kept.learn();
    await succeed('one');
    clockwork.advance(0.8 * LIFETIME_MS);
    await fail();
    assert.equal(value(), 'one');
    assert.equal(kept.problem, 'gone');
    clockwork.advance(0.2 * LIFETIME_MS + STALE_MS - 1);
    assert.equal(value(), 'one');
    const before = updates();
    clockwork.advance(1);
    assert.equal(value(), null);
    assert.equal(updates(), before + 1);
  });

  it('is the same object as long as it is equal', async () => {
    const { clockwork, kept, succeed } = setUp();
    void kept.learn();
    await succeed('one');
    const first = kept.known;
    clockwork.advance(LIFETIME_MS);
    await succeed('one');
    assert.equal(kept.known?.value, first?.value);
    assert.notEqual(kept.known?.learnedAtMs, first?.learnedAtMs);
  });

  it('is tried again after pauses that grow from one second to a minute', async () => {
    const { clockwork, kept, attempts, fail } = setUp();
    void kept.learn();
    const pauses = [750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000];
    for (const [index, pauseMs] of pauses.entries()) {
      await fail();
      clockwork.advance(pauseMs - 1);
      assert.equal(attempts.length, index + 1);
      clockwork.advance(1);
      assert.equal(attempts.length, index + 2);
    }
  });

  it('is not recalled when it is too old', async () => {
    const { clockwork, kept, value } = setUp();
    const nowMs = clockwork.clock.epoch();
    kept.recall({ value: 'old', learnedAtMs: nowMs - LIFETIME_MS - STALE_MS });
    assert.equal(value(), null);
    kept.recall({ value: 'young', learnedAtMs: nowMs - LIFETIME_MS - STALE_MS + 1 });
    assert.equal(value(), 'young');
    clockwork.advance(1);
    assert.equal(value(), null);
  });

  it('was not learned later than now, whatever was written', () => {
    const { clockwork, kept } = setUp();
    const nowMs = clockwork.clock.epoch();
    kept.recall({ value: 'of tomorrow', learnedAtMs: nowMs + 86_400_000 });
    assert.equal(kept.known?.learnedAtMs, nowMs);
  });

  it('leaves nothing behind when it is closed', async () => {
    const { clockwork, kept, updates, succeed } = setUp();
    void kept.learn();
    await succeed('one');
    assert.ok(clockwork.timerCount > 0);
    const before = updates();
    void kept.learn();
    kept.close();
    await settled();
    assert.equal(clockwork.timerCount, 0);
    assert.equal(updates(), before);
  });
});

describe('a refresh', () => {
  it('is one attempt for all who ask at the same time', async () => {
    const { kept, attempts, succeed } = setUp();
    const all = Promise.all([kept.learn(), kept.refresh(), kept.refresh()]);
    await succeed('one');
    await all;
    assert.equal(attempts.length, 1);
  });

  it('is made at most every 30 seconds when something is known', async () => {
    const { clockwork, kept, attempts, succeed } = setUp();
    void kept.learn();
    await succeed('one');
    const first = kept.refresh();
    await succeed('two');
    await first;
    clockwork.advance(29_999);
    await kept.refresh();
    assert.equal(attempts.length, 2);
    clockwork.advance(1);
    const second = kept.refresh();
    assert.equal(attempts.length, 3);
    await succeed('three');
    await second;
  });

  it('is made at most every second while nothing is known, however long the pauses have become', async () => {
    const { clockwork, kept, attempts, fail, succeed } = setUp();
    void kept.learn();
    await fail();
    for (let count = 0; count < 8; count++) {
      clockwork.advance(45_000);
      await fail();
    }
    const before = attempts.length;
    await assert.rejects(kept.refresh(), { code: 'IDENTITY_UNAVAILABLE', message: 'gone' });
    clockwork.advance(1000);
    const refresh = kept.refresh();
    assert.equal(attempts.length, before + 1);
    await succeed('one');
    await refresh;
  });

  it('fails when its attempt fails, although something is known', async () => {
    const { kept, value, succeed, fail } = setUp();
    void kept.learn();
    await succeed('one');
    const refresh = assert.rejects(kept.refresh(), { code: 'IDENTITY_UNAVAILABLE' });
    await fail();
    await refresh;
    assert.equal(value(), 'one');
  });

  it('begins anew when what it is learned from has changed meanwhile', async () => {
    const { kept, attempts, value, succeed } = setUp();
    void kept.learn();
    const again = Promise.all([kept.learnAgain(), kept.learnAgain()]);
    await succeed('before');
    assert.equal(attempts.length, 2);
    await succeed('after');
    await again;
    assert.equal(value(), 'after');
  });
});
