import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { PRIORITIES } from '../core/priority.ts';
import { ThreadStrain } from './thread-strain.ts';

function setUp() {
  const clock = manualClock();
  const use = { heap: 0.1, resident: 0.1 };
  const strain = new ThreadStrain({ clock, memoryUse: () => use });
  const rig = {
    strain,
    use,
    /** Lets that time pass, with ticks that come so late. */
    pass(ms: number, lagMs = 0): void {
      for (let passed = 0; passed < ms; passed += 10 + lagMs) {
        clock.advance(10 + lagMs);
        strain.tick();
      }
    },
    shed: () => PRIORITIES.filter((priority) => strain.sheds(priority) !== null).join(' '),
  };
  rig.pass(5000);
  return rig;
}

describe('self-protection', () => {
  for (const [lagMs, shed] of [
    [15, ''],
    [30, 'bulk'],
    [70, 'low bulk'],
    [150, 'normal low bulk'],
    [300, 'high normal low bulk'],
  ] as const) {
    it(`sheds ${shed || 'nothing'} when the event loop lags by ${lagMs} ms`, () => {
      const rig = setUp();
      rig.pass(3000, lagMs);
      assert.equal(rig.shed(), shed);
      assert.equal(rig.strain.sheds('bulk'), shed === '' ? null : 'lag');
      assert.equal(rig.strain.isExhausted, lagMs === 300);
    });
  }

  it('lets one priority in again each second of calm', () => {
    const rig = setUp();
    rig.pass(3000, 70);
    rig.pass(2100);
    assert.equal(rig.shed(), 'bulk');
    rig.pass(1000);
    assert.equal(rig.shed(), '');
  });

  it('sheds when the heap of the thread is nearly full', () => {
    const rig = setUp();
    rig.use.heap = 0.93;
    rig.pass(300);
    assert.equal(rig.shed(), 'normal low bulk');
    assert.equal(rig.strain.sheds('normal'), 'memory');
    rig.use.heap = 0.5;
    rig.pass(4000);
    assert.equal(rig.shed(), '');
  });

  it('sheds when the process has nearly all the memory that it may have', () => {
    const rig = setUp();
    rig.use.resident = 0.93;
    rig.pass(300);
    assert.equal(rig.shed(), 'bulk');
  });

  it('lets a thread that has just been started be slow', () => {
    const clock = manualClock();
    const strain = new ThreadStrain({ clock, memoryUse: () => ({ heap: 0, resident: 0 }) });
    for (let i = 0; i < 24; i++) {
      clock.advance(200);
      strain.tick();
    }
    assert.equal(strain.sheds('bulk'), null);
  });

  it('knows what the event loop adds to a latency', () => {
    const rig = setUp();
    assert.equal(rig.strain.ownDelayMs, 0);
    rig.pass(1000, 5);
    assert.ok(Math.abs(rig.strain.ownDelayMs - 10) < 0.1);
  });
});
