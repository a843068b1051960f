import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { NO_PROBE } from '../../core/endpoint-health.ts';
import type { EjectionOrders } from './ejection-states-thread.ts';
import { EndpointStates, SUPERVISOR } from './endpoint-states.ts';

const NOW = 1_700_000_000_000;
const SLOT = 2;
const CAUSE = { nowMs: NOW, reason: 'consecutive-failures' } as const;

function open(): EndpointStates {
  return new EndpointStates(EndpointStates.allocate(4, 2), 0);
}

/** With an endpoint that is ejected for a second. */
function ejected(): EndpointStates {
  const states = open();
  assert.ok(states.ejections.eject(SLOT, NOW + 1000, CAUSE));
  return states;
}

describe('an ejection', () => {
  it('keeps requests away until its time is over, and tells why and when', () => {
    const states = ejected();
    assert.equal(states.isDown(SLOT, NOW + 999), true);
    assert.equal(states.isDown(SLOT, NOW + 1000), false);
    assert.deepEqual(states.view(SLOT).ejection, {
      isEjected: true,
      ejectedAtMs: NOW,
      ejectedUntilMs: NOW + 1000,
      multiplier: 1,
      ejections: 1,
      reason: 'consecutive-failures',
      lastFailure: null,
      failures: 0,
      generation: 1,
    });
  });

  it('happens once, whoever comes second', () => {
    const { ejections } = ejected();
    assert.equal(ejections.eject(SLOT, NOW + 9999, CAUSE), false);
    assert.equal(ejections.view(SLOT).ejectedUntilMs, NOW + 1000);
    assert.equal(ejections.view(SLOT).ejections, 1);
  });

  it('leaves the neighbours alone', () => {
    const states = open();
    const before = [1, 3].map((slot) => states.view(slot));
    states.ejections.eject(SLOT, NOW + 1000, CAUSE);
    assert.deepEqual(
      [1, 3].map((slot) => states.view(slot)),
      before,
    );
  });

  it('stands beside what active checks say', () => {
    const states = ejected();
    states.setChecked(SLOT, false);
    const probe = states.ejections.beginProbe(SLOT, NOW + 1000, NOW + 2000);
    states.setChecked(SLOT, true);
    assert.equal(states.ejections.prove(SLOT, probe), true);
    assert.equal(states.isDown(SLOT, NOW), false);
  });

  it('is forgotten with the endpoint, and so is a probe that was under way', () => {
    const states = ejected();
    const probe = states.ejections.beginProbe(SLOT, NOW + 1000, NOW + 2000);
    states.reset(SLOT);
    assert.equal(states.condition(SLOT, NOW), 'up');
    states.ejections.eject(SLOT, NOW + 1000, CAUSE);
    states.ejections.beginProbe(SLOT, NOW + 1000, NOW + 2000);
    assert.equal(states.ejections.prove(SLOT, probe), false);
    assert.equal(states.ejections.view(SLOT).ejections, 1);
  });
});

describe('a probe', () => {
  it('is one request, when the time is over', () => {
    const states = ejected();
    const { ejections } = states;
    assert.equal(ejections.beginProbe(SLOT, NOW + 999, NOW + 5000), NO_PROBE);
    assert.equal(states.condition(SLOT, NOW + 999), 'ejected');
    assert.notEqual(ejections.beginProbe(SLOT, NOW + 1000, NOW + 5000), NO_PROBE);
    assert.equal(ejections.beginProbe(SLOT, NOW + 1000, NOW + 5000), NO_PROBE);
    assert.equal(states.isDown(SLOT, NOW + 4999), true);
    assert.equal(states.condition(SLOT, NOW + 1000), 'half-open');
  });

  it('is never needed for an endpoint that is not ejected', () => {
    assert.equal(open().ejections.beginProbe(SLOT, NOW, NOW + 1), NO_PROBE);
  });

  it('that succeeds ends the ejection and begins to count failures anew', () => {
    const { ejections } = ejected();
    ejections.failed(SLOT, 'reset');
    assert.equal(ejections.prove(SLOT, ejections.beginProbe(SLOT, NOW + 1000, NOW + 5000)), true);
    assert.equal(ejections.isEjected(SLOT), false);
    assert.equal(ejections.failed(SLOT, 'reset'), 1);
  });

  it('that fails is one more ejection', () => {
    const { ejections } = ejected();
    const probe = ejections.beginProbe(SLOT, NOW + 1000, NOW + 5000);
    assert.equal(ejections.disprove(SLOT, probe, { nowMs: NOW + 1100, untilMs: NOW + 9000 }), true);
    const { ejections: count, multiplier, reason, ejectedUntilMs } = ejections.view(SLOT);
    assert.deepEqual(
      { count, multiplier, reason, ejectedUntilMs },
      { count: 2, multiplier: 2, reason: 'failed-probe', ejectedUntilMs: NOW + 9000 },
    );
  });

  it('that tells nothing leaves its place to the next request', () => {
    const { ejections } = ejected();
    ejections.release(SLOT, ejections.beginProbe(SLOT, NOW + 1000, NOW + 5000), NOW + 1100);
    assert.notEqual(ejections.beginProbe(SLOT, NOW + 1100, NOW + 5000), NO_PROBE);
  });

  it('that took too long does not count any more', () => {
    const { ejections } = ejected();
    const late = ejections.beginProbe(SLOT, NOW + 1000, NOW + 2000);
    const present = ejections.beginProbe(SLOT, NOW + 2000, NOW + 3000);
    assert.notEqual(present, NO_PROBE);
    assert.equal(ejections.disprove(SLOT, late, { nowMs: NOW, untilMs: NOW + 9000 }), false);
    assert.equal(ejections.prove(SLOT, late), false);
    ejections.release(SLOT, late, NOW);
    assert.equal(ejections.view(SLOT).ejectedUntilMs, NOW + 3000);
    assert.equal(ejections.prove(SLOT, present), true);
  });
});

describe('a decision', () => {
  it('that is taken alone is left to one', () => {
    const buffer = EndpointStates.allocate(4, 2);
    const [one, two] = [new EndpointStates(buffer, 0), new EndpointStates(buffer, 1)];
    const inside = one.ejections.alone(() => two.ejections.alone(() => true));
    assert.equal(inside, false);
    assert.equal(
      two.ejections.alone(() => true),
      true,
    );
  });

  it('can be taken again when the thread that took it has died', async () => {
    const buffer = EndpointStates.allocate(4, 2);
    const states = new EndpointStates(buffer, SUPERVISOR);
    const worker = start({ buffer, thread: 1, untilMs: NOW, rounds: 'die in a decision' });
    await once(worker, 'exit');
    assert.equal(
      states.ejections.alone(() => true),
      false,
    );
    states.releaseThread(0);
    assert.equal(
      states.ejections.alone(() => true),
      false,
    );
    states.releaseThread(1);
    assert.equal(
      states.ejections.alone(() => true),
      true,
    );
  });
});

describe('ejections among threads', () => {
  it('happen once each and are proven once each, whoever races', async () => {
    const buffer = EndpointStates.allocate(4, 4);
    const workers = [0, 1, 2, 3].map((thread) => start({ buffer, thread, untilMs: NOW, rounds: 20_000 }));
    const done = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
    await Promise.all(workers.map((worker) => worker.terminate()));

    const states = new EndpointStates(buffer, SUPERVISOR);
    const sums = { ejected: 0, proven: 0, disproven: 0 };
    for (const counts of done) {
      sums.ejected += counts.ejected;
      sums.proven += counts.proven;
      sums.disproven += counts.disproven;
    }
    const { ejections, isEjected } = states.view(0).ejection;
    assert.equal(ejections, sums.ejected + sums.disproven);
    assert.equal(sums.ejected, sums.proven + (isEjected ? 1 : 0));
    assert.ok(sums.proven > 0 && sums.disproven > 0);
  });
});

function start(orders: EjectionOrders): Worker {
  return new Worker(new URL('ejection-states-thread.ts', import.meta.url), { workerData: orders });
}
