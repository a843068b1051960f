import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { random } from '../../core/random.ts';
import { ANSWER_TIMEOUT_MS } from './registry-answer.ts';
import { hearSource } from './registry-testing.ts';
import { backoffMs, steadySource } from './steady-source.ts';

describe('the pause after failures', () => {
  it('grows from 0.2 s to 30 s, and is never the same', () => {
    const dice = random(7);
    for (const [failures, longest] of [
      [0, 400],
      [1, 400],
      [2, 800],
      [5, 6400],
      [8, 30_000],
      [1000, 30_000],
    ] as const) {
      const pauses = Array.from({ length: 200 }, () => backoffMs(failures, dice));
      assert.ok(Math.min(...pauses) >= 200 && Math.max(...pauses) <= longest);
      assert.ok(Math.max(...pauses) > longest * 0.9);
    }
  });
});

describe('a steady source', () => {
  it('begins after it was returned, and says what failed until it is closed', async () => {
    const heard = hearSource();
    let rounds = 0;
    const source = steadySource(
      () => Promise.reject(new Error(`no\u0000 ${++rounds}`)),
      heard.events,
      heard.ports,
    );
    assert.equal(rounds, 0);
    await heard.until(() => heard.problems.length === 5);
    await source.close();
    assert.deepEqual(heard.problems.slice(0, 2), ['no  1', 'no  2']);
    assert.equal(heard.problems.length, rounds);
  });

  it('pauses longer the more rounds fail, and is short again after success', async () => {
    const heard = hearSource();
    let rounds = 0;
    const round = async (_: AbortSignal, proven: () => void): Promise<void> => {
      if (++rounds === 9) proven();
      throw new Error('no');
    };
    const source = steadySource(round, heard.events, heard.ports);
    await heard.until(() => heard.pauses.length >= 9);
    await source.close();
    assert.ok(Math.max(...heard.pauses.slice(0, 8)) > 2000);
    assert.ok((heard.pauses[8] ?? Number.NaN) <= 400);
  });

  it('pauses also after rounds that end well', async () => {
    const heard = hearSource();
    const source = steadySource(() => Promise.resolve(), heard.events, heard.ports);
    await heard.until(() => heard.pauses.length >= 3);
    await source.close();
    assert.ok(heard.pauses.every((ms) => ms >= 200));
    assert.deepEqual(heard.problems, []);
  });

  it('begins anew when somebody asks, but not so soon after it has begun', async () => {
    const heard = hearSource();
    let rounds = 0;
    const round = (signal: AbortSignal): Promise<void> =>
      new Promise((_, reject) => {
        rounds++;
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    const source = steadySource(round, heard.events, heard.ports);
    await heard.until(() => rounds === 1);
    heard.clock.advance(14_999);
    source.refresh();
    assert.equal(rounds, 1);
    heard.clock.advance(1);
    source.refresh();
    await heard.until(() => rounds === 2);
    await source.close();
    assert.deepEqual(heard.problems, []);
    assert.deepEqual([rounds, heard.problems.length], [2, 0]);
  });

  it('finds out that nobody answers, however often somebody asks', async () => {
    const heard = hearSource();
    const asked = heard.clock.now();
    const round = async (signal: AbortSignal): Promise<void> => {
      while (heard.clock.now() - asked < ANSWER_TIMEOUT_MS) await setImmediate(undefined, { signal });
      throw new Error('no answer');
    };
    const source = steadySource(round, heard.events, heard.ports);
    await heard.until(() => {
      heard.clock.advance(100);
      source.refresh();
      return heard.problems.length === 1;
    });
    await source.close();
    assert.deepEqual(heard.problems, ['no answer']);
  });
});
