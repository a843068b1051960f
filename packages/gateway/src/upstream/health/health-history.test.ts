import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EndpointStates } from '../balance/endpoint-states.ts';
import { HealthHistory } from './health-history.ts';
import { NOW } from './health-testing.ts';

/** The wall clock is a minute ahead of the shared one. */
const AHEAD_MS = 60_000;
const CAUSE = { nowMs: NOW, reason: 'consecutive-failures' } as const;

function setUp(most?: number) {
  const states = new EndpointStates(EndpointStates.allocate(8, 1), 0);
  const logged: { level: string; message: string; fields: object }[] = [];
  const ejected: string[] = [];
  const clock = { nowMs: NOW };
  const at =
    (level: string) =>
    (message: string, fields: object = {}): void =>
      void logged.push({ level, message, fields });
  const history = new HealthHistory(
    {
      clock: { now: () => clock.nowMs, epoch: () => clock.nowMs + AHEAD_MS },
      log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
      memory: states,
      onEjection: (service, reason, count) => ejected.push(`${service} ${reason} ${count}`),
    },
    most,
  );
  const use = (...slots: readonly number[]): void =>
    history.use([{ id: 's', members: slots.map((slot) => ({ slot, url: `http://10.0.0.${slot}:80` })) }]);
  const of = (slot: number) => history.of({ service: 's', url: `http://10.0.0.${slot}:80` });
  return { states, logged, ejected, clock, history, use, of };
}

describe('the history of endpoints', () => {
  it('has an ejection with reason and times of the wall clock, and the readmission', () => {
    const { states, logged, ejected, clock, history, use, of } = setUp();
    use(0, 1);
    states.ejections.failed(1, 'timeout');
    states.ejections.eject(1, NOW + 30_000, CAUSE);
    history.look();
    history.look();
    clock.nowMs += 31_000;
    states.readmit(1, clock.nowMs);
    history.look();
    const iso = (ms: number) => new Date(NOW + AHEAD_MS + ms).toISOString();
    assert.deepEqual(of(1), [
      { at: iso(31_000), change: 'readmitted', reason: '', until: null, ejections: 1 },
      { at: iso(0), change: 'ejected', reason: 'consecutive-failures', until: iso(30_000), ejections: 1 },
    ]);
    assert.deepEqual(of(0), []);
    assert.deepEqual(ejected, ['s consecutive-failures 1']);
    assert.deepEqual(
      logged.map(({ level, message }) => `${level} ${message}`),
      ['warn endpoint ejected', 'info endpoint readmitted'],
    );
    assert.partialDeepStrictEqual(logged[0]?.fields, {
      service: 's',
      url: 'http://10.0.0.1:80',
      reason: 'consecutive-failures',
      lastFailure: 'timeout',
      ejections: 1,
    });
  });

  it('has what began and ended between two looks, and counts all of it', () => {
    const { states, ejected, history, use, of } = setUp();
    use(0);
    for (let i = 0; i < 3; i++) {
      states.ejections.eject(0, NOW + 1, CAUSE);
      states.readmit(0, NOW);
    }
    history.look();
    assert.deepEqual(
      of(0).map(({ change }) => change),
      ['readmitted', 'ejected'],
    );
    assert.deepEqual(ejected, ['s consecutive-failures 3']);
  });

  it('has a probe that failed as another ejection', () => {
    const { states, history, use, of } = setUp();
    use(0);
    states.ejections.eject(0, NOW, CAUSE);
    history.look();
    const probe = states.ejections.beginProbe(0, NOW, NOW + 1);
    states.ejections.disprove(0, probe, { nowMs: NOW, untilMs: NOW + 9 });
    history.look();
    assert.deepEqual(
      of(0).map(({ reason }) => reason),
      ['failed-probe', 'consecutive-failures'],
    );
  });

  it('has what checks say, and logs it once', () => {
    const { logged, history, use, of } = setUp();
    use(0);
    const endpoint = { service: 's', url: 'http://10.0.0.0:80' };
    history.checked(endpoint, 'status 503');
    history.checked(endpoint, null);
    history.look();
    assert.deepEqual(
      of(0).map(({ change, reason }) => `${change} ${reason}`),
      ['up ', 'down status 503'],
    );
    assert.deepEqual(
      logged.map(({ level, message }) => `${level} ${message}`),
      ['warn endpoint down', 'info endpoint up'],
    );
  });

  it('tells of an ejection before the endpoint was recorded, and of none that was told before', () => {
    const { states, ejected, clock, history, use } = setUp();
    states.ejections.eject(0, NOW + 30_000, CAUSE);
    use(0);
    history.look();
    assert.equal(ejected.length, 1);
    clock.nowMs += 5000;
    use();
    use(0);
    history.look();
    assert.equal(ejected.length, 1);
  });

  it('keeps 20 of each endpoint, and forgets with the endpoint', () => {
    const { history, use, of } = setUp();
    use(0, 1);
    for (let i = 0; i < 100; i++) history.checked({ service: 's', url: 'http://10.0.0.0:80' }, `status ${i}`);
    assert.equal(of(0).length, 20);
    assert.equal(of(0)[0]?.reason, 'status 99');
    use(1, 0);
    assert.equal(of(0).length, 20);
    use(1);
    use(0, 1);
    assert.equal(of(0).length, 0);
  });

  it('forgets an endpoint whose slot has another now', () => {
    const { history, states, use, of, ejected } = setUp();
    use(0);
    states.ejections.eject(0, NOW + 1, CAUSE);
    history.look();
    states.reset(0);
    history.use([{ id: 's', members: [{ slot: 0, url: 'http://10.0.0.9:80' }] }]);
    history.look();
    assert.equal(of(0).length, 0);
    assert.equal(of(9).length, 0);
    assert.equal(ejected.length, 1);
  });

  it('is bounded in all, and loses first of whom nothing was heard for the longest', () => {
    const { history, use, of } = setUp(50);
    use(0, 1, 2, 3);
    for (let i = 0; i < 20; i++)
      for (const slot of [0, 1, 2, 3])
        if (slot < 3 || i < 5) history.checked({ service: 's', url: `http://10.0.0.${slot}:80` }, 'x');
    const kept = [0, 1, 2, 3].map((slot) => of(slot).length);
    assert.deepEqual(kept.slice(1), [20, 20, 0]);
    assert.ok(kept.reduce((sum, count) => sum + count, 0) <= 50);
  });
});
