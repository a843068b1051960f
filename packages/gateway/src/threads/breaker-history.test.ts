import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { random } from '../core/random.ts';
import { BREAKER } from '../stages/circuit-breaker/breaker-testing.ts';
import { BreakerStates } from '../stages/circuit-breaker/breaker-states.ts';
import { breakersOf } from '../stages/circuit-breaker/breakers.ts';
import { REFUSED, type Verdict } from '../stages/circuit-breaker/breaker.ts';
import { BreakerHistory } from './breaker-history.ts';
import { breakerReadings, breakerReport } from './breaker-report.ts';
import { hearLog } from './threads-testing.ts';

function rig() {
  const states = new BreakerStates(BreakerStates.allocate(3));
  const clock = manualClock(Date.parse('2026-01-02T03:04:05Z'));
  const services = [
    { id: 'plain', circuitBreaker: null, limitSlot: 0 },
    { id: 'users', circuitBreaker: BREAKER, limitSlot: 2 },
  ];
  const breakers = breakersOf(services, {
    states,
    nowMs: () => clock.now(),
    random: random(1),
    tally: () => ({ changed() {}, refused() {} }),
  });
  const breaker = breakers('users');
  assert.ok(breaker !== null && breakers('plain') === null);
  const log = hearLog();
  const history = new BreakerHistory({ states, services: () => services, clock, log });
  const pass = (count: number, verdict: Verdict): void => {
    for (let i = 0; i < count; i++) {
      const ticket = breaker.enter();
      if (ticket !== REFUSED) breaker.leave(ticket, verdict);
    }
  };
  const report = () => breakerReport(services, { states, history, clock });
  const wait = () => clock.advance(Math.ceil(breaker.remainingMs));
  return { history, pass, wait, log, states, report, services };
}

describe('the history of breakers', () => {
  it('has each change with its time and its reason, the newest first', () => {
    const { history, pass, wait } = rig();
    pass(5, 'success');
    pass(15, 'failure');
    history.look();
    wait();
    pass(1, 'success');
    history.look();
    pass(30, 'success');
    history.look();
    history.look();
    const told = history.of('users').map(({ state, reason }) => `${state}: ${reason}`);
    assert.deepEqual(told, [
      'closed: the service answers again',
      'half-open: a few requests show how the service is',
      'open: 15 of 20 requests failed',
    ]);
    assert.equal(history.of('users').at(-1)?.at, '2026-01-02T03:04:05.000Z');
    assert.deepEqual(history.of('plain'), []);
  });

  it('knows how many it missed, and keeps the last twenty', () => {
    const { history, pass, wait } = rig();
    pass(20, 'failure');
    wait();
    pass(1, 'failure');
    history.look();
    assert.deepEqual(
      history.of('users').map(({ reason, unseen }) => [reason, unseen]),
      [['the service failed when it was tried', 2]],
    );
    for (let i = 0; i < 30; i++) {
      wait();
      pass(1, 'failure');
      history.look();
    }
    assert.equal(history.of('users').length, 20);
  });

  it('begins anew with a slot that was another service', () => {
    const { history, pass, states } = rig();
    pass(20, 'failure');
    history.look();
    states.reset(2);
    history.look();
    pass(20, 'failure');
    history.look();
    assert.equal(history.of('users').length, 2);
  });

  it('is told in the log', () => {
    const { history, pass, log } = rig();
    pass(20, 'failure');
    history.look();
    const [entry] = log.entries;
    assert.deepEqual([log.entries.length, entry?.level], [1, 'warn']);
    assert.match(JSON.stringify(entry), /"service":"users".*20 of 20 requests failed/);
  });
});

describe('the report of breakers', () => {
  it('has those that there are, as they are now', () => {
    const { pass, report } = rig();
    const before = report();
    assert.deepEqual(before, [
      { service: 'users', breaker: { state: 'closed', openForMs: 0, refused: 0, history: [] } },
    ]);
    pass(23, 'failure');
    const [after] = report();
    assert.deepEqual([after?.breaker.state, after?.breaker.refused], ['open', 3]);
    assert.ok(Number(after?.breaker.openForMs) >= 4000);
    assert.equal(after?.breaker.history.length, 1);
    assert.deepEqual(breakerReadings(report()), [
      { name: 'turnpike_breaker_state', labels: { service: 'users' }, values: [0, 1, 0] },
    ]);
  });
});
