import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { Deadline, TimingWheel } from './timing-wheel.ts';

const TICK_MS = 20;
const TURN_MS = 4096 * TICK_MS;
const MAX_LATE_MS = 2 * TICK_MS;

/** A wheel on a clock that only moves when told to, advanced every tick as `start` would. */
function wheelAt(startMs: number) {
  let nowMs = startMs;
  const wheel = new TimingWheel(() => nowMs);
  const fired: (readonly [name: string, atMs: number])[] = [];

  function pass(ms: number): void {
    const endMs = nowMs + ms;
    while (nowMs + TICK_MS <= endMs) {
      nowMs += TICK_MS;
      wheel.advance();
    }
    nowMs = endMs;
    wheel.touch();
  }

  return {
    wheel,
    fired,
    pass,
    /** The loop was blocked: time goes by, and then comes one advance. */
    pause: (ms: number): void => {
      nowMs += ms;
      wheel.advance();
    },
    deadline: (name: string) => new Deadline(() => void fired.push([name, nowMs])),
    names: () => fired.map(([name]) => name),
    nowMs: () => nowMs,
  };
}

describe('TimingWheel', () => {
  for (const startMs of [0, 7, 1_000_003.25, TURN_MS - 1, TURN_MS, 1e9 + 0.5]) {
    for (const afterMs of [
      0,
      1,
      19,
      20,
      21,
      40,
      250,
      999.5,
      10_000,
      TURN_MS - 20,
      TURN_MS,
      TURN_MS + 1,
      3 * TURN_MS + 7,
    ]) {
      it(`fires ${afterMs} ms after ${startMs}: not early, and at most two ticks late`, () => {
        const { wheel, deadline, pass, fired } = wheelAt(startMs);
        wheel.set(deadline('a'), afterMs);
        pass(afterMs + MAX_LATE_MS);
        assert.equal(fired.length, 1);
        const lateMs = (fired[0]?.[1] ?? 0) - startMs - afterMs;
        assert.ok(lateMs >= 0 && lateMs <= MAX_LATE_MS, `${lateMs} ms late`);
      });
    }
  }

  it('fires once', () => {
    const { wheel, deadline, pass, names } = wheelAt(5);
    const a = deadline('a');
    wheel.set(a, 100);
    pass(3 * TURN_MS);
    assert.deepEqual(names(), ['a']);
    assert.equal(a.dueMs, Infinity);
  });

  it('fires with the next tick what is set without delay on a tick', () => {
    const { wheel, deadline, pass, names } = wheelAt(1000);
    pass(TICK_MS);
    wheel.set(deadline('a'), 0);
    pass(TICK_MS);
    assert.deepEqual(names(), ['a']);
  });

  it('looks at every slot after a pause of many turns', () => {
    const { wheel, deadline, pause, fired } = wheelAt(7);
    for (let afterMs = 0; afterMs < TURN_MS; afterMs += TICK_MS) wheel.set(deadline('a'), afterMs);
    pause(10 * TURN_MS);
    assert.equal(fired.length, TURN_MS / TICK_MS);
  });

  it('moves a deadline later', () => {
    const { wheel, deadline, pass, fired } = wheelAt(5);
    const a = deadline('a');
    wheel.set(a, 100);
    pass(90);
    wheel.set(a, 500);
    pass(490);
    assert.equal(fired.length, 0);
    pass(50);
    assert.equal(fired.length, 1);
  });

  it('moves a deadline earlier', () => {
    const { wheel, deadline, pass, names } = wheelAt(5);
    const a = deadline('a');
    wheel.set(a, 75_000);
    pass(40);
    wheel.set(a, 100);
    pass(99);
    assert.deepEqual(names(), []);
    pass(41);
    assert.deepEqual(names(), ['a']);
    pass(2 * TURN_MS);
    assert.deepEqual(names(), ['a']);
  });

  it('moves a deadline earlier from beyond a turn', () => {
    const { wheel, deadline, pass, names } = wheelAt(5);
    const a = deadline('a');
    wheel.set(a, 5 * TURN_MS);
    wheel.set(a, 30);
    pass(70);
    assert.deepEqual(names(), ['a']);
  });

  it('does not fire what was cleared, and can set it again before and after its place has passed', () => {
    const { wheel, deadline, pass, names } = wheelAt(5);
    const a = deadline('a');
    wheel.set(a, 100);
    wheel.clear(a);
    pass(50);
    wheel.set(a, 200);
    pass(300);
    assert.deepEqual(names(), ['a']);
    wheel.set(a, 100);
    wheel.clear(a);
    pass(TURN_MS);
    wheel.set(a, 100);
    pass(140);
    assert.deepEqual(names(), ['a', 'a']);
  });

  it('gives up the place of what was removed at once', () => {
    const { wheel, deadline, pass, names } = wheelAt(5);
    const deadlines = ['a', 'b', 'c'].map(deadline);
    for (const each of deadlines) wheel.set(each, 100);
    for (const each of deadlines) {
      wheel.remove(each);
      assert.deepEqual([each.tick, each.next, each.previous], [-1, null, null]);
      wheel.remove(each);
    }
    pass(TURN_MS);
    assert.deepEqual(names(), []);
  });

  it('removes the first, the middle and the last of a slot', () => {
    for (const victim of [0, 1, 2]) {
      const { wheel, deadline, pass, names } = wheelAt(5);
      const deadlines = ['a', 'b', 'c'].map(deadline);
      for (const each of deadlines) wheel.set(each, 100);
      const removed = deadlines[victim];
      assert.ok(removed !== undefined);
      wheel.remove(removed);
      pass(200);
      assert.deepEqual(names().sort(), ['a', 'b', 'c'].toSpliced(victim, 1));
    }
  });

  it('may set itself again while it expires', () => {
    const { wheel, pass, nowMs } = wheelAt(5);
    const times: number[] = [];
    const again: Deadline = new Deadline(() => {
      times.push(nowMs());
      wheel.set(again, 0);
    });
    wheel.set(again, 100);
    pass(200);
    // Once a tick: never twice in one, which would be for ever.
    assert.deepEqual(
      times,
      times.map((_, i) => (times[0] ?? 0) + i * TICK_MS),
    );
    assert.ok(times.length >= 4 && times.length <= 6);
  });

  it('may remove, clear and move others of its slot while it expires', () => {
    const { wheel, deadline, pass, names } = wheelAt(5);
    const [removed, cleared, moved, left] = [
      deadline('removed'),
      deadline('cleared'),
      deadline('moved'),
      deadline('left'),
    ];
    const meddle = new Deadline(() => {
      wheel.remove(removed);
      wheel.clear(cleared);
      wheel.set(moved, 1000);
    });
    for (const each of [removed, cleared, moved, left]) wheel.set(each, 100);
    wheel.set(meddle, 100); // the last in is the first out
    pass(200);
    assert.deepEqual(names(), ['left']);
    pass(1000);
    assert.deepEqual(names(), ['left', 'moved']);
  });

  it('may set new ones in the slot that is being emptied', () => {
    const { wheel, deadline, pass, names } = wheelAt(5);
    const meddle = new Deadline(() => {
      wheel.set(deadline('soon'), 0);
      wheel.set(deadline('a turn later'), TURN_MS);
    });
    wheel.set(meddle, 100);
    pass(200);
    assert.deepEqual(names(), ['soon']);
    pass(TURN_MS);
    assert.deepEqual(names(), ['soon', 'a turn later']);
  });

  for (const pauseMs of [100, 1000, TURN_MS - 20, TURN_MS, TURN_MS + 20, 2.5 * TURN_MS, 100 * TURN_MS + 3]) {
    it(`fires everything that fell due in a pause of ${pauseMs} ms, and nothing else`, () => {
      const { wheel, deadline, pause, pass, names, nowMs } = wheelAt(1234);
      const due: string[] = [];
      for (let i = 0; i < 50; i++) {
        const afterMs = (pauseMs * (i + 0.5)) / 50;
        wheel.set(deadline(`due ${i}`), afterMs);
        due.push(`due ${i}`);
      }
      const dueMs = nowMs() + pauseMs + 500;
      wheel.set(deadline('later'), pauseMs + 500);
      pause(pauseMs);
      pause(0);
      // What was due within the tick of the pause's end may come with the next tick.
      pass(MAX_LATE_MS);
      assert.deepEqual(names().sort(), due.sort());
      pass(dueMs - nowMs() + MAX_LATE_MS);
      assert.equal(names().at(-1), 'later');
      assert.equal(names().length, 51);
    });
  }

  it('does with any sequence of calls what a plain list of deadlines would do', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('set' as const),
        which: fc.nat({ max: 5 }),
        ms: fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 200_000 })),
      }),
      fc.record({ kind: fc.constant('clear' as const), which: fc.nat({ max: 5 }), ms: fc.constant(0) }),
      fc.record({ kind: fc.constant('remove' as const), which: fc.nat({ max: 5 }), ms: fc.constant(0) }),
      fc.record({ kind: fc.constant('pass' as const), which: fc.constant(0), ms: fc.nat({ max: 300 }) }),
      fc.record({ kind: fc.constant('pause' as const), which: fc.constant(0), ms: fc.nat({ max: 200_000 }) }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(0, 7, 1000, 1000.5),
        fc.array(step, { maxLength: 40 }),
        (startMs, steps) => {
          const { wheel, pass, pause, nowMs } = wheelAt(startMs);
          const dueMs = Array.from({ length: 6 }, () => Infinity);
          const deadlines = dueMs.map((_, i) => {
            const deadline: Deadline = new Deadline(() => {
              const lateMs = nowMs() - (dueMs[i] ?? Infinity);
              assert.ok(lateMs >= 0, `${i} fired ${-lateMs} ms early`);
              dueMs[i] = Infinity;
            });
            return deadline;
          });
          for (const { kind, which, ms } of steps) {
            const deadline = deadlines[which];
            assert.ok(deadline !== undefined);
            if (kind === 'pass') pass(ms);
            else if (kind === 'pause') pause(ms);
            else if (kind === 'set') wheel.set(deadline, ms);
            else wheel[kind](deadline);
            if (kind === 'set') dueMs[which] = nowMs() + ms;
            else if (kind === 'clear' || kind === 'remove') dueMs[which] = Infinity;
            for (const [i, due] of dueMs.entries()) {
              assert.ok(nowMs() - due <= MAX_LATE_MS, `${i} is ${nowMs() - due} ms late`);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('holds many deadlines apart', () => {
    const { wheel, pass, nowMs } = wheelAt(0);
    let count = 0;
    for (let i = 0; i < 20_000; i++) {
      const dueMs = (i * 7919) % 200_000;
      const deadline = new Deadline(() => {
        count++;
        assert.ok(nowMs() >= dueMs && nowMs() - dueMs <= MAX_LATE_MS);
      });
      wheel.set(deadline, dueMs);
    }
    pass(200_000 + MAX_LATE_MS);
    assert.equal(count, 20_000);
  });
});
