import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { PRIORITIES } from '../core/priority.ts';
import { random } from '../core/random.ts';
import { StrainBoard } from './strain-board.ts';
import { ThreadStrain } from './thread-strain.ts';

/** A thread with ticks 10 ms apart or more, which works all of the time unless `work` says that it is less. */
function setUp({ work = 1, warmUpMs = 2000 } = {}) {
  const clock = manualClock();
  const use = { heap: 0.1, resident: 0.1 };
  const board = new StrainBoard(StrainBoard.allocate(2));
  let cpuMs = 0;
  const strain = new ThreadStrain({
    clock,
    random: random(1),
    memoryUse: () => use,
    cpuMs: () => cpuMs,
    shown: board.line(1),
  });
  const pass = (ms: number, lagMs = 0): void => {
    for (let passed = 0; passed < ms; passed += 11 + lagMs) {
      clock.advance(11 + lagMs);
      cpuMs += work * (11 + lagMs);
      strain.tick();
    }
  };
  pass(warmUpMs);
  const rig = {
    strain,
    use,
    board,
    /** Lets that time pass, with ticks that come so late. */
    pass,
    /** The share that is shed of each priority, from `critical` on, in quarters. */
    shed: () => PRIORITIES.map((priority) => quarters(() => strain.sheds(priority) !== null)).join(' '),
  };
  return rig;
}

function quarters(isShed: () => boolean): number {
  const shed = Array.from({ length: 1000 }, isShed).filter(Boolean).length;
  return Math.round(shed / 250);
}

describe('self-protection', () => {
  for (const [lagMs, shed] of [
    [15, '0 0 0 0 0'],
    [35, '0 0 0 0 2'],
    [50, '0 0 0 0 4'],
    [75, '0 0 0 2 4'],
    [100, '0 0 0 4 4'],
    [175, '0 0 2 4 4'],
    [250, '0 0 4 4 4'],
    [375, '0 2 4 4 4'],
    [900, '0 4 4 4 4'],
  ] as const) {
    it(`sheds ${shed} quarters when the event loop lags by ${lagMs} ms`, () => {
      const rig = setUp();
      rig.pass(9000, lagMs);
      assert.equal(rig.shed(), shed);
      assert.equal(rig.strain.isExhausted, lagMs >= 250);
      assert.equal(rig.strain.sheds('critical'), null);
      if (lagMs >= 50) assert.equal(rig.strain.sheds('bulk'), 'lag');
    });
  }

  it('needs the lag to last', () => {
    const rig = setUp();
    rig.pass(500, 50);
    assert.equal(rig.shed(), '0 0 0 0 0');
    rig.pass(300, 50);
    assert.equal(rig.shed(), '0 0 0 0 4');
  });

  it('does not take for its own what others do with the processor', () => {
    const rig = setUp({ work: 0.1 });
    rig.pass(3000, 150);
    assert.equal(rig.shed(), '0 0 0 0 0');
    rig.pass(3000, 500); // a tenth of this is its own
    assert.equal(rig.shed(), '0 0 0 0 4');
  });

  it('lets one priority in again each second of calm', () => {
    const rig = setUp();
    rig.pass(3000, 250);
    assert.equal(rig.shed(), '0 0 4 4 4');
    rig.pass(500); // then it was not late for half of the last second
    const before = rig.board.view(1).lag;
    rig.pass(1500);
    const fallen = before - rig.board.view(1).lag;
    assert.ok(fallen > 1.3 && fallen < 1.7, `fallen by ${fallen}`);
    rig.pass(2000);
    assert.equal(rig.shed(), '0 0 0 0 0');
  });

  it('sheds when the heap of the thread is nearly full', () => {
    const rig = setUp();
    rig.use.heap = 0.94;
    rig.pass(300);
    assert.equal(rig.shed(), '0 0 2 4 4');
    assert.equal(rig.strain.sheds('bulk'), 'memory');
    rig.use.heap = 0.5;
    rig.pass(4000);
    assert.equal(rig.shed(), '0 0 0 0 0');
  });

  it('sheds when the process has nearly all the memory that it may have', () => {
    const rig = setUp();
    rig.use.resident = 0.95;
    rig.pass(300);
    assert.equal(rig.shed(), '0 0 0 0 4');
    rig.use.resident = 2;
    rig.pass(300);
    assert.equal(rig.shed(), '0 4 4 4 4');
    assert.equal(rig.strain.isExhausted, true);
  });

  it('lets a thread that has just been started be slow', () => {
    const rig = setUp({ warmUpMs: 0 });
    rig.pass(1800, 200);
    assert.equal(rig.shed(), '0 0 0 0 0');
  });

  it('shows what it does on the board, until the thread is gone', () => {
    const rig = setUp();
    rig.pass(3000, 75);
    rig.use.heap = 0.83;
    rig.pass(300, 75);
    const { lag, memory } = rig.board.view(1);
    assert.deepEqual([lag.toFixed(1), memory.toFixed(1)], ['1.5', '0.5']);
    assert.deepEqual(rig.board.view(0), { lag: 0, memory: 0 });
    rig.board.releaseThread(1);
    assert.deepEqual(rig.board.view(1), { lag: 0, memory: 0 });
  });

  it('knows what the event loop adds to a latency', () => {
    const rig = setUp({ work: 0 });
    assert.equal(rig.strain.ownDelayMs, 0);
    rig.pass(1000, 5);
    assert.ok(Math.abs(rig.strain.ownDelayMs - 10) < 0.1);
  });
});
