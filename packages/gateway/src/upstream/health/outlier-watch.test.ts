import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as fc from '@turnpike/testkit/fast-check';
import { NO_PROBE } from '../../core/endpoint-health.ts';
import { random } from '../../core/random.ts';
import { EndpointStates, SUPERVISOR } from '../balance/endpoint-states.ts';
import { NOW, RULES, watched } from './health-testing.ts';
import type { FailingOrders } from './failing-thread-testing.ts';
import { outlierWatch } from './outlier-watch.ts';

describe('failures in a row', () => {
  it('eject an endpoint when there are five', () => {
    const { fail, ejected, states } = watched(3);
    fail(1, 4);
    assert.deepEqual(ejected(), []);
    fail(1);
    assert.deepEqual(ejected(), [1]);
    assert.equal(states.isDown(1, NOW), true);
    assert.equal(states.view(1).ejection.lastFailure, 'reset');
  });

  it('are forgotten with a success', () => {
    const { fail, succeed, ejected } = watched(3);
    for (let i = 0; i < 10; i++) {
      fail(1, 4);
      succeed(1);
    }
    assert.deepEqual(ejected(), []);
  });

  it('are not broken, nor counted, by what tells nothing', () => {
    const { fail, watch, ejected } = watched(3);
    fail(1, 4);
    for (let i = 0; i < 10; i++) watch.undecided(1, watch.began(1));
    assert.deepEqual(ejected(), []);
    fail(1);
    assert.deepEqual(ejected(), [1]);
  });

  it('are not counted where detection is off', () => {
    const states = new EndpointStates(EndpointStates.allocate(2, 1), 0);
    const plan = { rules: null, probeMs: 1, members: [] };
    const watch = outlierWatch(plan, { memory: states, random: random(1), wheel: { nowMs: NOW } });
    for (let i = 0; i < 100; i++) watch.failed(0, watch.began(0), 'status');
    watch.succeeded(0, NO_PROBE);
    watch.undecided(0, NO_PROBE);
    assert.equal(states.view(0).ejection.failures, 0);
  });

  it('never eject the only endpoint', () => {
    const { fail, ejected } = watched(1);
    fail(0, 1000);
    assert.deepEqual(ejected(), []);
  });

  it('never eject both of two', () => {
    const { fail, ejected, clock } = watched(2);
    for (let i = 0; i < 1000; i++) {
      fail(i % 2, 7);
      clock.nowMs += 1000;
      assert.ok(ejected().length <= 1);
    }
    assert.equal(ejected().length, 1);
  });

  it('eject 30 % of ten and no more', () => {
    const { fail, ejected } = watched(10);
    for (let slot = 0; slot < 10; slot++) fail(slot, 50);
    assert.deepEqual(ejected(), [0, 1, 2]);
  });

  it('do not eject the last one that checks leave', () => {
    const { fail, ejected, states } = watched(3);
    states.setChecked(0, false);
    states.setChecked(2, false);
    fail(1, 100);
    assert.deepEqual(ejected(), []);
    states.setChecked(2, true);
    fail(1, 5);
    assert.deepEqual(ejected(), [1]);
  });

  it('do not count siblings that are drained', () => {
    const states = new EndpointStates(EndpointStates.allocate(3, 1), 0);
    const members = [
      { slot: 0, weight: 1, isDraining: false },
      { slot: 1, weight: 0, isDraining: false },
      { slot: 2, weight: 1, isDraining: true },
    ];
    const plan = { rules: RULES, probeMs: 1, members };
    const watch = outlierWatch(plan, { memory: states, random: random(1), wheel: { nowMs: NOW } });
    for (const slot of [0, 1, 2]) for (let i = 0; i < 100; i++) watch.failed(slot, NO_PROBE, 'status');
    assert.deepEqual(
      [0, 1, 2].map((slot) => states.ejections.isEjected(slot)),
      [false, false, false],
    );
  });
});

describe('an ejected endpoint', () => {
  const lengthMs = ({ states, clock }: ReturnType<typeof watched>) =>
    states.view(0).ejection.ejectedUntilMs - clock.nowMs;

  it('is out for 30 s, give or take a tenth, and longer each time its probe fails', () => {
    const rig = watched(3);
    rig.fail(0, 5);
    for (const seconds of [30, 60, 90, 120]) {
      assert.ok(Math.abs(lengthMs(rig) - seconds * 1000) <= seconds * 100, `${lengthMs(rig)} ms`);
      rig.clock.nowMs = rig.states.view(0).ejection.ejectedUntilMs;
      rig.fail(0);
    }
  });

  it('is never out for longer than the longest time', () => {
    const rig = watched(3, { maxEjectMs: 45_000 });
    rig.fail(0, 5);
    for (let i = 0; i < 50; i++) {
      rig.clock.nowMs = rig.states.view(0).ejection.ejectedUntilMs;
      rig.fail(0);
      assert.ok(lengthMs(rig) <= 45_000 && lengthMs(rig) >= 36_000, `${lengthMs(rig)} ms`);
    }
  });

  it('comes back with one request that succeeds, and warms up', () => {
    const { fail, succeed, ejected, clock, states, watch } = watched(3);
    fail(0, 5);
    clock.nowMs += 33_001;
    const probe = watch.began(0);
    assert.equal(states.isDown(0, clock.nowMs), true);
    succeed(0, 10);
    assert.deepEqual(ejected(), [0], 'requests that began otherwise do not readmit it');
    clock.nowMs += 20;
    watch.succeeded(0, probe);
    assert.deepEqual(ejected(), []);
    assert.equal(states.warmSinceMs(0), clock.nowMs);
    assert.equal(states.isDown(0, clock.nowMs), false);
  });

  it('is not put out for longer by what began before it was ejected', () => {
    const { fail, clock, states, watch } = watched(3);
    const before = watch.began(0);
    fail(0, 5);
    const { ejectedUntilMs } = states.view(0).ejection;
    clock.nowMs += 33_001;
    watch.failed(0, before, 'timeout');
    assert.equal(states.view(0).ejection.ejectedUntilMs, ejectedUntilMs);
    assert.equal(states.view(0).ejection.ejections, 1);
  });

  it('gets another probe when the client of the first left, or nobody ever heard of it again', () => {
    const { fail, clock, watch } = watched(3);
    fail(0, 5);
    clock.nowMs += 33_001;
    watch.undecided(0, watch.began(0));
    assert.notEqual(watch.began(0), NO_PROBE);
    clock.nowMs += 30_999;
    assert.equal(watch.began(0), NO_PROBE);
    clock.nowMs += 1;
    assert.notEqual(watch.began(0), NO_PROBE);
  });
});

describe('a fleet, simulated', () => {
  it('ejects the one of five that fails half of its requests, and only that', () => {
    const requests: number[] = [];
    for (let seed = 1; seed <= 200; seed++) {
      const { fail, succeed, ejected, clock } = watched(5);
      const chance = random(seed);
      let sent = 0;
      while (ejected().length === 0 && sent < 5000) {
        const slot = chance.below(5);
        clock.nowMs += 1;
        sent++;
        if (slot === 3 ? chance.unit() < 0.5 : chance.unit() < 0.01) fail(slot);
        else succeed(slot);
      }
      assert.deepEqual(ejected(), [3], `seed ${seed}`);
      requests.push(sent);
    }
    // Five heads in a row take 62 throws on average, and every fifth request goes to it.
    const mean = requests.reduce((sum, count) => sum + count, 0) / requests.length;
    assert.ok(mean > 200 && mean < 450, `${mean} requests`);
  });

  it('never has more ejected than it may, and never all, whatever happens', () => {
    const step = fc.record({
      slot: fc.integer({ min: 0, max: 11 }),
      what: fc.constantFrom('fail', 'fail', 'succeed', 'down', 'up', 'wait', 'back'),
      times: fc.integer({ min: 1, max: 12 }),
    });
    const fleets = fc.record({
      count: fc.integer({ min: 1, max: 12 }),
      percent: fc.integer({ min: 0, max: 100 }),
      steps: fc.array(step, { maxLength: 150 }),
    });
    fc.assert(
      fc.property(fleets, ({ count, percent, steps }) => {
        const { fail, succeed, ejected, clock, states } = watched(count, { maxEjectedPercent: percent });
        const most = Math.min(count - 1, Math.max(1, Math.floor((count * percent) / 100)));
        for (const { slot: any, what, times } of steps) {
          const slot = any % count;
          const before = ejected();
          if (what === 'fail') fail(slot, times);
          else if (what === 'succeed') succeed(slot, times);
          else if (what === 'wait') clock.nowMs += times * 5000;
          else if (what === 'back') clock.nowMs -= times * 60_000;
          else states.setChecked(slot, what === 'up');
          assert.ok(ejected().length <= most);
          const isNew = ejected().some((one) => !before.includes(one));
          const left = Array.from({ length: count }, (_, one) => one).filter(
            (one) => !ejected().includes(one) && !states.isDown(one, clock.nowMs),
          );
          assert.ok(!isNew || left.length > 0, 'the last one was ejected');
        }
      }),
    );
  });

  it('of four threads that fail at once ejects each endpoint once, and no more than it may', async () => {
    for (let round = 0; round < 5; round++) {
      const buffer = EndpointStates.allocate(10, 4);
      const workers = [0, 1, 2, 3].map(
        (thread) =>
          new Worker(new URL('failing-thread-testing.ts', import.meta.url), {
            workerData: { buffer, thread, failures: 5000 } satisfies FailingOrders,
          }),
      );
      await Promise.all(workers.map((worker) => once(worker, 'exit')));
      const states = new EndpointStates(buffer, SUPERVISOR);
      const views = Array.from({ length: 10 }, (_, slot) => states.view(slot).ejection);
      assert.equal(views.filter(({ isEjected }) => isEjected).length, 3);
      assert.equal(
        views.reduce((sum, { ejections }) => sum + ejections, 0),
        3,
      );
      assert.equal(
        views.reduce((sum, { failures }) => sum + failures, 0),
        4 * 5000,
      );
    }
  });
});
