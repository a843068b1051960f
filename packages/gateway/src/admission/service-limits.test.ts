import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FLOATS, INTS, ServiceLimits, START_LIMIT, SUPERVISOR } from './service-limits.ts';

const SLOTS = 3;

function setUp() {
  const buffer = ServiceLimits.allocate(SLOTS, 2);
  const supervisor = new ServiceLimits(buffer, SUPERVISOR);
  return { one: new ServiceLimits(buffer, 0), other: new ServiceLimits(buffer, 1), supervisor };
}

describe('service limits', () => {
  it('let no more begin than the threshold says, in all threads together', () => {
    const { one, other, supervisor } = setUp();
    assert.deepEqual(
      [one, other, one, other].map((thread) => thread.tryBegin(1, 2.5)),
      [true, true, true, false],
    );
    assert.equal(supervisor.inflight(1), 3);
    assert.equal(supervisor.inflight(0), 0);
    assert.equal(other.end(1), 3);
    assert.equal(other.tryBegin(1, 2.5), true);
  });

  it('refuse to end what did not begin here', () => {
    const { one, other } = setUp();
    one.begin(0);
    assert.throws(() => other.end(0));
    assert.throws(() => one.begin(SLOTS));
  });

  it('take back what a thread had in flight', () => {
    const { one, other, supervisor } = setUp();
    for (let i = 0; i < 5; i++) one.begin(2);
    other.begin(2);
    supervisor.releaseThread(0);
    assert.equal(supervisor.inflight(2), 1);
  });

  it('know how many wait in all threads, and take back those of a thread', () => {
    const { one, other, supervisor } = setUp();
    one.wait(1, 1);
    one.wait(1, 1);
    other.wait(1, 1);
    one.wait(1, -1);
    assert.equal(supervisor.waiting(1), 2);
    assert.equal(supervisor.waiting(0), 0);
    one.begin(1);
    supervisor.releaseThread(0);
    assert.equal(supervisor.waiting(1), 1);
    assert.equal(supervisor.inflight(1), 0);
  });

  it('forget what was learned of a slot, but not what is in flight there', () => {
    const { one, supervisor } = setUp();
    one.begin(1);
    const { ints, floats } = one.line(1);
    ints[INTS.count] = 7;
    floats[FLOATS.limit] = 123;
    assert.equal(supervisor.adaptiveLimit(1), 123);
    supervisor.reset(1);
    assert.equal(supervisor.adaptiveLimit(1), START_LIMIT);
    assert.equal(ints[INTS.count], 0);
    assert.equal(supervisor.inflight(1), 1);
  });
});
