import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breakerRig, BREAKER, type BreakerRig } from './breaker-testing.ts';
import { REFUSED } from './breaker.ts';

/** How many get in one after the other before the first of them has an answer. */
function letIn({ breaker }: BreakerRig): number[] {
  const tickets: number[] = [];
  for (let ticket = breaker.enter(); ticket !== REFUSED; ticket = breaker.enter()) tickets.push(ticket);
  return tickets;
}

function opened(config: Partial<typeof BREAKER> = {}): BreakerRig {
  const rig = breakerRig(config);
  rig.pass(20, 'failure');
  assert.equal(rig.view().state, 'open');
  return rig;
}

function halfOpened(config: Partial<typeof BREAKER> = {}): BreakerRig {
  const rig = opened(config);
  rig.waitUntilProbed();
  return rig;
}

describe('a closed breaker', () => {
  it('opens when enough of enough requests have failed', () => {
    const rig = breakerRig();
    rig.pass(10, 'success');
    rig.pass(9, 'failure');
    assert.equal(rig.view().state, 'closed');
    rig.pass(1, 'failure');
    const { state, cause } = rig.view();
    assert.deepEqual([state, cause], ['open', { kind: 'failure-rate', requests: 20, failures: 10 }]);
    assert.equal(rig.pass(3, 'success'), 3);
    assert.deepEqual(rig.told, ['open', 'refused', 'refused', 'refused']);
    assert.equal(rig.view().refused, 3);
  });

  it('stays closed below the rate, however many there are', () => {
    const rig = breakerRig();
    for (let i = 0; i < 1000; i++) {
      rig.pass(1, 'success');
      rig.pass(1, i % 10 === 0 ? 'success' : 'failure');
    }
    assert.equal(rig.view().state, 'closed');
  });

  it('forgets what is older than the window', () => {
    const rig = breakerRig();
    rig.pass(19, 'failure');
    rig.clock.ms += BREAKER.windowMs;
    rig.pass(19, 'failure');
    assert.equal(rig.view().state, 'closed');
    rig.clock.ms += BREAKER.windowMs / 2;
    rig.pass(1, 'failure');
    assert.equal(rig.view().state, 'open');
  });

  it('does not take buckets of an earlier round for its own', () => {
    const rig = breakerRig();
    for (const rounds of [1, 2, 100, 4096, 40_960]) {
      rig.pass(19, 'failure');
      rig.clock.ms += rounds * BREAKER.windowMs;
    }
    assert.equal(rig.view().state, 'closed');
  });

  it('does not count what says nothing of the service', () => {
    const rig = breakerRig();
    rig.pass(100, 'nothing');
    rig.pass(19, 'failure');
    assert.equal(rig.view().state, 'closed');
    rig.pass(1, 'failure');
    assert.deepEqual(rig.view().cause, { kind: 'failure-rate', requests: 20, failures: 20 });
  });
});

describe('an open breaker', () => {
  it('is open for its time, give or take a fifth, and says how long', () => {
    const times = Array.from({ length: 200 }, (_, seed) => {
      const rig = breakerRig({}, seed);
      rig.pass(20, 'failure');
      return rig.breaker.remainingMs;
    });
    assert.ok(times.every((ms) => ms >= 4000 && ms <= 6000));
    assert.ok(Math.min(...times) < 4200 && Math.max(...times) > 5800);
  });

  it('is open twice as long each time that it was tried in vain, up to the most', () => {
    const rig = opened({ maxOpenMs: 30_000 });
    const times = [rig.breaker.remainingMs];
    for (let i = 0; i < 5; i++) {
      rig.waitUntilProbed();
      assert.equal(rig.pass(2, 'failure'), 1);
      times.push(rig.breaker.remainingMs);
      assert.deepEqual(rig.view().cause?.kind, 'probe-failed');
    }
    for (const [i, ms] of times.entries()) {
      const meantMs = 5000 * 2 ** i;
      assert.ok(
        ms >= Math.min(meantMs * 0.8, 24_000) && ms <= Math.min(meantMs * 1.2, 30_000),
        `${i}: ${ms}`,
      );
    }
  });

  it('takes no notice of what began before', () => {
    const rig = breakerRig();
    const early = letInSome(rig, 30);
    for (const ticket of early.slice(0, 20)) rig.breaker.leave(ticket, 'failure');
    assert.equal(rig.view().state, 'open');
    rig.waitUntilProbed();
    const probe = rig.breaker.enter();
    for (const ticket of early.slice(20)) rig.breaker.leave(ticket, 'failure');
    assert.equal(rig.view().state, 'half-open');
    rig.breaker.leave(probe, 'success');
    assert.equal(rig.view().state, 'half-open');
  });
});

function letInSome({ breaker }: BreakerRig, count: number): number[] {
  return Array.from({ length: count }, () => breaker.enter());
}

describe('a half-open breaker', () => {
  it('lets one pass, then two, four, eight and sixteen, and closes', () => {
    const rig = halfOpened();
    for (const size of [1, 2, 4, 8, 16]) {
      const tickets = letIn(rig);
      assert.equal(tickets.length, size);
      for (const ticket of tickets) rig.breaker.leave(ticket, 'success');
    }
    assert.deepEqual(
      rig.told.filter((what) => what !== 'refused'),
      ['open', 'half-open', 'closed'],
    );
    assert.equal(rig.pass(1000, 'success'), 0);
  });

  it('opens again when one of the first fails', () => {
    for (const succeeded of [0, 1, 2]) {
      const rig = halfOpened();
      rig.pass(succeeded, 'success');
      rig.pass(1, 'failure');
      assert.equal(rig.view().state, 'open', `after ${succeeded}`);
    }
  });

  it('bears as many failures of a larger step as a closed one', () => {
    const rig = halfOpened();
    rig.pass(3, 'success');
    rig.pass(1, 'failure');
    assert.equal(rig.view().state, 'half-open');
    rig.pass(1, 'failure');
    assert.equal(rig.view().state, 'open');
  });

  it('lets another pass for one that says nothing', () => {
    const rig = halfOpened();
    for (let i = 0; i < 100; i++) {
      const tickets = letIn(rig);
      assert.equal(tickets.length, 1);
      rig.breaker.leave(tickets[0] ?? REFUSED, 'nothing');
    }
  });

  it('does not wait for ever for one that got lost', () => {
    const rig = halfOpened();
    assert.equal(letIn(rig).length, 1);
    rig.clock.ms += BREAKER.openForMs - 1;
    assert.equal(letIn(rig).length, 0);
    rig.clock.ms += 1;
    assert.equal(letIn(rig).length, 1);
    assert.equal(letIn(rig).length, 0);
  });

  it('takes the answer of one that took longer', () => {
    const rig = halfOpened();
    const [first = REFUSED] = letIn(rig);
    rig.clock.ms += BREAKER.openForMs;
    const [second = REFUSED] = letIn(rig);
    rig.breaker.leave(first, 'success');
    assert.equal(letIn(rig).length, 2);
    rig.breaker.leave(second, 'success');
    assert.equal(rig.view().state, 'half-open');
  });

  it('begins to count anew when it closes', () => {
    const rig = halfOpened({ openForMs: 100 });
    rig.pass(31, 'success');
    assert.equal(rig.view().state, 'closed');
    rig.pass(19, 'failure');
    assert.equal(rig.view().state, 'closed');
    rig.pass(1, 'failure');
    assert.equal(rig.view().state, 'open');
    assert.ok(rig.breaker.remainingMs >= 160, 'it opened soon after it had closed, so it doubles');
  });

  it('begins with the first time again when it was closed for long', () => {
    const rig = halfOpened();
    rig.pass(31, 'success');
    rig.clock.ms += BREAKER.windowMs;
    rig.pass(20, 'failure');
    assert.ok(rig.breaker.remainingMs <= 6000);
  });
});

describe('several threads', () => {
  it('see one breaker', () => {
    const rig = breakerRig();
    const other = rig.another();
    rig.pass(10, 'failure');
    for (let i = 0; i < 10; i++) other.leave(other.enter(), 'failure');
    assert.equal(rig.breaker.enter(), REFUSED);
    rig.waitUntilProbed();
    assert.notEqual(other.enter(), REFUSED);
    assert.equal(rig.breaker.enter(), REFUSED);
    assert.equal(rig.view().changes, 2);
  });
});
