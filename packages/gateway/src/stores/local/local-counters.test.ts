import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { manualClock, type ManualClock } from '@turnpike/testkit';
import type { Charge, Limiter, Quota, Taken } from '../../core/counters.ts';
import { countsOf, scoreOf } from '../../core/race-testing.ts';
import { random } from '../../core/random.ts';
import type { Race } from './local-counters-testing.ts';
import { LocalCounters } from './local-counters.ts';

const ENTRIES = 64;
/** Ten a second, so one each 100 ms. */
const TEN: Quota = { limit: 10, windowMs: 1000, burst: 10 };

/** Counters on a clock that the test moves, and one bucket of them. */
function rig(algorithm: Limiter['algorithm'], quota: Quota, entries = ENTRIES) {
  const clock: ManualClock = manualClock(1_700_000_000_000);
  const counters = new LocalCounters(LocalCounters.allocate(entries), clock);
  const limiter = counters.limiter('route/limit', algorithm);
  const chargeOf = (cost: number, key = 'alice'): Charge => ({ limiter, key, quota, cost });
  const takeAll = (...charges: readonly Charge[]) => counters.takeNow(charges);
  const take = (cost = 1, key = 'alice'): Taken => {
    const [taken] = takeAll(chargeOf(cost, key));
    assert.ok(taken !== undefined);
    return taken;
  };
  return { clock, counters, chargeOf, takeAll, take };
}

/** `yes` or `no`, what is left, and when there is more: `no 0 100 100`. */
function shown({ isAllowed, remaining, resetMs, retryAfterMs }: Taken): string {
  const times = [resetMs, retryAfterMs].map((ms) => Math.round(ms * 100) / 100);
  return [isAllowed ? 'yes' : 'no', remaining, ...times].join(' ');
}

describe('a bucket of GCRA', () => {
  it('lets its burst come at once, and then one for each interval', () => {
    const { take, clock } = rig('gcra', { ...TEN, burst: 3 });
    assert.deepEqual([take(), take(), take(), take()].map(shown), [
      'yes 2 100 0',
      'yes 1 100 0',
      'yes 0 100 0',
      'no 0 100 100',
    ]);
    clock.advance(99);
    assert.equal(shown(take()), 'no 0 1 1');
    clock.advance(1);
    assert.equal(shown(take()), 'yes 0 100 0');
    clock.advance(150);
    assert.equal(shown(take()), 'yes 0 50 0');
    assert.equal(shown(take()), 'no 0 50 50');
    clock.advance(1_000_000);
    assert.equal(shown(take()), 'yes 2 100 0');
  });

  it('takes what a request costs, whole or not at all', () => {
    const { take } = rig('gcra', TEN);
    assert.equal(shown(take(7)), 'yes 3 100 0');
    assert.equal(shown(take(4)), 'no 3 100 100');
    assert.equal(shown(take(2.5)), 'yes 0 50 0');
    assert.equal(shown(take(0.5)), 'yes 0 100 0');
    assert.equal(take(11, 'bob').isAllowed, false);
  });

  it('looks without taking when a request costs nothing', () => {
    const { take } = rig('gcra', TEN);
    assert.equal(shown(take(0)), 'yes 10 0 0');
    take(9);
    assert.equal(shown(take(0)), 'yes 1 100 0');
    take(1);
    assert.equal(shown(take(0)), 'no 0 100 100');
  });

  it('goes on under another quota as far as it was used', () => {
    const { counters, chargeOf, clock } = rig('gcra', TEN);
    const under = (quota: Quota) => shown(counters.takeNow([{ ...chargeOf(1), quota }])[0] ?? assert.fail());
    assert.equal(under({ ...TEN, burst: 1 }), 'yes 0 100 0');
    assert.equal(under({ limit: 100, windowMs: 1000, burst: 100 }), 'yes 89 10 0');
    clock.advance(1_000_000);
    assert.equal(under({ limit: 1, windowMs: 1000, burst: 1 }), 'yes 0 1000 0');
    assert.equal(under({ limit: 1000, windowMs: 1000, burst: 10 }), 'no 0 991 991');
  });

  it('is not disturbed by rounding: the whole burst can be had, and no more', () => {
    for (const limit of [3, 7, 11, 999, 3333]) {
      const { take } = rig('gcra', { limit, windowMs: 1000, burst: limit });
      for (let i = 0; i < limit; i++) assert.equal(take().isAllowed, true, `${i} of ${limit}`);
      assert.equal(take().isAllowed, false);
    }
  });
});

describe('a sliding window', () => {
  it('lets the limit come at once, and then as much as has faded', () => {
    const { take, clock } = rig('sliding', TEN);
    for (let i = 0; i < 10; i++) assert.equal(take().isAllowed, true);
    assert.equal(shown(take()), 'no 0 1100 1100');
    clock.advance(1050);
    assert.equal(take().isAllowed, false);
    clock.advance(50);
    // Rounded up: what was before counts for a little more than it was.
    clock.advance(1);
    assert.equal(take().isAllowed, true);
    assert.equal(take().isAllowed, false);
    clock.advance(2000);
    assert.equal(shown(take(10)), 'yes 0 999 0');
  });

  it('says when there will be room in this window already', () => {
    const { take, clock } = rig('sliding', TEN);
    take(10);
    clock.advance(1250);
    assert.equal(shown(take(2)), 'yes 0 50.01 0');
    const denied = take(3);
    assert.equal(denied.isAllowed, false);
    clock.advance(Math.floor(denied.retryAfterMs) - 1);
    assert.equal(take(3).isAllowed, false);
    clock.advance(2);
    assert.equal(take(3).isAllowed, true);
  });

  it('counts parts of a unit as whole ones', () => {
    const { take } = rig('sliding', TEN);
    for (let i = 0; i < 10; i++) assert.equal(take(0.5).isAllowed, true);
    assert.equal(take(0.5).isAllowed, false);
  });

  it('keeps what a thread has counted whose clock is already in the next window', () => {
    const buffer = LocalCounters.allocate(ENTRIES);
    const [behind, ahead] = [990, 1010].map((afterMs) => {
      const clock = manualClock(1_700_000_000_000);
      const counters = new LocalCounters(buffer, clock);
      clock.advance(afterMs);
      const charge = { limiter: counters.limiter('a', 'sliding'), key: 'alice', quota: TEN, cost: 1 };
      return () => counters.takeNow([charge])[0]?.isAllowed;
    });
    for (let i = 0; i < 5; i++) assert.deepEqual([ahead?.(), behind?.()], [true, true]);
    assert.deepEqual([behind?.(), ahead?.()], [false, false]);
  });

  it('begins anew after a pause of any length', () => {
    const { take, clock } = rig('sliding', { limit: 1, windowMs: 1, burst: 1 });
    for (let i = 0; i < 50; i++) {
      assert.equal(take().isAllowed, true);
      // The number of the window comes to the same again.
      clock.advance(65_536);
    }
  });
});

for (const algorithm of ['gcra', 'sliding'] as const) {
  describe(`counters by ${algorithm}`, () => {
    it('keep keys and limits apart', () => {
      const { counters, take } = rig(algorithm, { ...TEN, limit: 1, burst: 1 });
      const quota = { ...TEN, limit: 1, burst: 1 };
      assert.equal(take().isAllowed, true);
      assert.equal(take().isAllowed, false);
      assert.equal(take(1, 'bob').isAllowed, true);
      for (const id of ['route/other', 'route']) {
        const limiter = counters.limiter(id, algorithm);
        const [taken] = counters.takeNow([{ limiter, key: 'alice', quota, cost: 1 }]);
        assert.equal(taken?.isAllowed, true);
      }
    });

    it('share the buckets of the same id, and what another object has counted', () => {
      const clock = manualClock();
      const memory = LocalCounters.allocate(ENTRIES);
      const [a, b] = [new LocalCounters(memory, clock), new LocalCounters(memory, clock)];
      const asked = [a, b].map((counters) => {
        const limiter = counters.limiter('x', algorithm);
        return counters.takeNow([{ limiter, key: 'k', quota: TEN, cost: 6 }])[0]?.isAllowed;
      });
      assert.deepEqual(asked, [true, false]);
    });

    it('let nothing through a limit of nothing', () => {
      const { take } = rig(algorithm, { limit: 0, windowMs: 1000, burst: 0 });
      assert.equal(shown(take()), 'no 0 1000 1000');
      assert.equal(take(0).isAllowed, false);
    });

    it('take from all buckets or from none', () => {
      const { takeAll, take, chargeOf } = rig(algorithm, TEN);
      take(8, 'b');
      const denied = takeAll(chargeOf(3, 'a'), chargeOf(3, 'b'), chargeOf(3, 'c'));
      assert.deepEqual(
        denied.map(({ isAllowed, remaining }) => [isAllowed, remaining]),
        [
          [true, 10],
          [false, 2],
          [true, 10],
        ],
      );
      assert.deepEqual(
        takeAll(chargeOf(2, 'a'), chargeOf(2, 'b'), chargeOf(2, 'c')).map(({ remaining }) => remaining),
        [8, 0, 8],
      );
    });

    it('book afterwards what a request cost, into debt of one window at most', () => {
      const { counters, chargeOf, take } = rig(algorithm, TEN);
      take(1);
      counters.settle(chargeOf(1), 4);
      assert.equal(take(0).remaining, 5);
      counters.settle(chargeOf(1), -2);
      assert.equal(take(0).remaining, 7);
      counters.settle(chargeOf(1), -100);
      assert.equal(take(0).remaining, 10);
      counters.settle(chargeOf(1), 1_000_000);
      const { isAllowed, remaining, retryAfterMs } = take();
      assert.deepEqual([isAllowed, remaining], [false, 0]);
      assert.ok(retryAfterMs <= 2000, `${retryAfterMs} ms`);
    });

    it('book what was not taken before, and give nothing back to who has taken nothing', () => {
      const { counters, chargeOf, take } = rig(algorithm, TEN);
      counters.settle(chargeOf(0), 3);
      assert.equal(take(0).remaining, 7);
      counters.settle(chargeOf(0, 'bob'), -3);
      assert.equal(take(0, 'bob').remaining, 10);
    });

    it('never look at the wall clock', () => {
      const { counters, chargeOf } = rig(algorithm, TEN);
      let nowMs = 5000;
      const clock = { now: () => nowMs, epoch: () => assert.fail('the wall clock was asked') };
      const own = new LocalCounters(LocalCounters.allocate(ENTRIES), clock);
      const charge = { ...chargeOf(10), limiter: own.limiter('x', algorithm) };
      assert.equal(own.takeNow([charge])[0]?.isAllowed, true);
      assert.equal(own.takeNow([charge])[0]?.isAllowed, false);
      nowMs += 2000;
      assert.equal(own.takeNow([charge])[0]?.isAllowed, true);
      assert.throws(
        () => counters.takeNow([{ ...charge, limiter: { id: 'x', algorithm } }]),
        /other counters/,
      );
    });
  });
}

describe('against a log of all that was let through', () => {
  const TRACES = 100_000;

  it('GCRA decides the same for 100,000 traces', () => {
    const chance = random(20_260_728);
    const clock = manualClock(0);
    const counters = new LocalCounters(LocalCounters.allocate(TRACES), clock);
    const limiter = counters.limiter('log', 'gcra');
    for (let trace = 0; trace < TRACES; trace++) {
      const intervalMs = 1 + chance.below(100);
      const limit = 1 + chance.below(20);
      const burst = 1 + chance.below(12);
      const quota = { limit, windowMs: limit * intervalMs, burst };
      const log: (readonly [atMs: number, cost: number])[] = [];
      for (let i = 0; i < 16; i++) {
        clock.advance(chance.below(3) === 0 ? chance.below(3 * intervalMs) : 0);
        const cost = chance.below(4) === 0 ? 1 + chance.below(4) : 1;
        const atMs = clock.now();
        const [taken] = counters.takeNow([{ limiter, key: `${trace}`, quota, cost }]);
        const isAllowed = hasRoom(log, [atMs, cost], { burst, intervalMs });
        assert.equal(taken?.isAllowed, isAllowed, JSON.stringify({ trace, log, atMs, cost, quota }));
        if (isAllowed) log.push([atMs, cost]);
      }
    }
  });

  it('a sliding window decides the same for 20,000 traces, but for what is rounded up', () => {
    const chance = random(20_260_729);
    const clock = manualClock(0);
    const counters = new LocalCounters(LocalCounters.allocate(TRACES), clock);
    const limiter = counters.limiter('log', 'sliding');
    for (let trace = 0; trace < TRACES / 5; trace++) {
      const windowMs = 10 + chance.below(200);
      const limit = 1 + chance.below(40);
      const quota = { limit, windowMs, burst: limit };
      const used = new Map<number, number>();
      for (let i = 0; i < 40; i++) {
        clock.advance(chance.below(Math.ceil(windowMs / 8)));
        const cost = 1 + chance.below(3);
        const window = Math.floor(clock.now() / windowMs);
        const share = 1 - (clock.now() / windowMs - window);
        const room = limit - (used.get(window) ?? 0) - (used.get(window - 1) ?? 0) * share - cost;
        const [taken] = counters.takeNow([{ limiter, key: `${trace}`, quota, cost }]);
        const text = JSON.stringify({ trace, i, room, quota, cost });
        if (taken?.isAllowed === true) {
          assert.ok(room > -0.002, text);
          used.set(window, (used.get(window) ?? 0) + cost);
        } else assert.ok(room < limit * 0.0001, text);
      }
    }
  });
});

/** Whether no stretch of time that ends now would have more than its share and the burst. */
function hasRoom(
  log: readonly (readonly [atMs: number, cost: number])[],
  [nowMs, cost]: readonly [atMs: number, cost: number],
  { burst, intervalMs }: { readonly burst: number; readonly intervalMs: number },
): boolean {
  let units = cost;
  if (units > burst) return false;
  for (const [atMs, taken] of log.toReversed()) {
    units += taken;
    if (units * intervalMs > burst * intervalMs + (nowMs - atMs)) return false;
  }
  return true;
}

describe('threads that take at the same time', () => {
  const THREADS = 4;

  async function race(plan: Omit<Race, 'memory' | 'threads' | 'score'>, entries: number): Promise<number[]> {
    const score = scoreOf(plan.rounds * plan.keys);
    const memory = LocalCounters.allocate(entries);
    const workerData: Race = { ...plan, memory, threads: THREADS, score };
    const entry = new URL('./local-counters-testing.ts', import.meta.url);
    const workers = Array.from({ length: THREADS }, () => new Worker(entry, { workerData }));
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    return countsOf(score);
  }

  it('get what the limit allows from one key, not one more and not one less', async () => {
    const counts = await race(
      {
        rounds: 300,
        roundMs: 70,
        keys: 1,
        newKeys: 0,
        algorithm: 'gcra',
        quota: { limit: 1000, windowMs: 1000, burst: 200 },
      },
      ENTRIES,
    );
    assert.deepEqual(counts, [200, ...Array.from({ length: 299 }, () => 70)]);
  });

  it('get the limit of a window between them', async () => {
    const counts = await race(
      {
        rounds: 100,
        roundMs: 2000,
        keys: 1,
        newKeys: 0,
        algorithm: 'sliding',
        quota: { limit: 500, windowMs: 1000, burst: 500 },
      },
      ENTRIES,
    );
    assert.ok(counts.every((count) => count === 500));
  });

  it('give each key one bucket, whoever comes first, in a table of places that others left', async () => {
    const rounds = 1500;
    const keys = 20;
    // One row of places, which 20 keys fill by two thirds; those of the last round are over.
    const counts = await race(
      {
        rounds,
        roundMs: 5000,
        keys,
        newKeys: 7,
        algorithm: 'gcra',
        quota: { limit: 3, windowMs: 3000, burst: 3 },
      },
      16,
    );
    assert.equal(counts.length, rounds * keys);
    assert.deepEqual(
      counts.filter((count) => count !== 3),
      [],
    );
  });
});

describe('a table of a million keys', () => {
  const COUNT = 1_000_000;

  it('takes 34 MB and remembers them', () => {
    const memory = LocalCounters.allocate(COUNT);
    assert.ok(memory.byteLength < 34e6, `${memory.byteLength} bytes`);
    const counters = new LocalCounters(memory, manualClock());
    const limiter = counters.limiter('many', 'gcra');
    const quota = { limit: 1, windowMs: 3_600_000, burst: 1 };
    const passed = [0, 0];
    for (const round of passed.keys()) {
      for (let i = 0; i < COUNT; i++) {
        const [taken] = counters.takeNow([{ limiter, key: `key-${i}`, quota, cost: 1 }]);
        if (taken?.isAllowed === true) passed[round] = (passed[round] ?? 0) + 1;
      }
    }
    const [first = 0, again = 0] = passed;
    assert.equal(first, COUNT);
    assert.ok(again < COUNT / 10_000, `${again} keys were forgotten`);
  });
});

describe('a table that is full', () => {
  const HOURLY: Quota = { limit: 10, windowMs: 3_600_000, burst: 10 };

  it('does not forget who has used up everything, however many others come', () => {
    const { take } = rig('gcra', HOURLY, 64);
    for (let i = 0; i < 10; i++) assert.equal(take(1, 'guesser').isAllowed, true);
    // 128 places with room for 10 requests each.
    for (let i = 0; i < 800; i++) take(1, `flood-${i}`);
    assert.equal(take(1, 'guesser').isAllowed, false);
  });

  it('lets new keys in one request at a time', () => {
    for (const algorithm of ['gcra', 'sliding'] as const) {
      const { take, clock } = rig(algorithm, HOURLY, 64);
      for (let i = 0; i < 10_000; i++) take(1, `flood-${i}`);
      for (let i = 0; i < 100; i++) assert.equal(take(1, `guest-${i}`).isAllowed, true);
      clock.advance(2 * HOURLY.windowMs);
      for (let i = 0; i < 10; i++) assert.equal(take(1, 'late').isAllowed, true);
    }
  });

  it('gives a new key no more than is left in the place that it takes', () => {
    const { take } = rig('gcra', HOURLY, 16);
    for (let i = 0; i < 32; i++) take(4, `regular-${i}`);
    assert.equal(take(1, 'guest').remaining, 5);
  });
});
