import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HealthCheckConfig } from '@turnpike/config';
import { random } from '../../core/random.ts';
import { PLAIN_UPSTREAM_TLS } from '../../core/upstream-tls.ts';
import { EndpointStates } from '../balance/endpoint-states.ts';
import { afterCheck, UNCHECKED } from './check-streak.ts';
import { HealthChecks } from './health-checks.ts';
import { manualTimers, NOW } from './health-testing.ts';

const HEALTH: HealthCheckConfig = {
  probe: { kind: 'tcp' },
  port: null,
  intervalMs: 5000,
  timeoutMs: 1000,
  healthyAfter: 2,
  unhealthyAfter: 3,
};

const memberOf = (slot: number) => ({
  slot,
  url: `http://10.0.0.${slot}:80`,
  host: `10.0.0.${slot}`,
  port: 80,
});

/** Checks whose answers a test gives. `answers` says what is wrong with a slot; undefined: it never answers. */
function setUp(slots: number) {
  const states = new EndpointStates(EndpointStates.allocate(slots, 1), 0);
  const clock = { nowMs: NOW };
  const timers = manualTimers(clock);
  const answers = new Map<string, string | null | undefined>();
  const asked: { host: string; port: number; atMs: number }[] = [];
  const heard: string[] = [];
  const results: (string | null)[] = [];
  let underWay = 0;
  let most = 0;
  const checks = new HealthChecks({
    clock: { now: () => clock.nowMs, epoch: () => clock.nowMs },
    random: random(1),
    memory: states,
    timers,
    onResult: (_, problem) => results.push(problem),
    onChange: ({ service, url }, problem) => heard.push(`${service} ${url} ${problem ?? 'up'}`),
    check: ({ host, port }, _, signal) => {
      asked.push({ host, port, atMs: clock.nowMs });
      most = Math.max(most, ++underWay);
      return new Promise((resolve) => {
        const settle = (problem: string | null): void => {
          underWay--;
          resolve(problem);
        };
        const answer = answers.has(host) ? answers.get(host) : null;
        if (answer !== undefined) settle(answer);
        else signal.addEventListener('abort', () => settle('given up'));
      });
    },
  });
  const use = (members: readonly number[], health: HealthCheckConfig | null = HEALTH): void =>
    checks.use([{ id: 's', health, upstreamTls: PLAIN_UPSTREAM_TLS, members: members.map(memberOf) }]);
  return {
    states,
    clock,
    timers,
    answers,
    asked,
    heard,
    results,
    checks,
    use,
    most: () => most,
    underWay: () => underWay,
  };
}

describe('a streak of checks', () => {
  const cases: readonly [string, boolean[], string][] = [
    ['nothing', [], 'unknown'],
    ['one success', [true], 'up'],
    ['one failure', [false], 'down'],
    ['two failures after a success', [true, false, false], 'up'],
    ['three failures after a success', [true, false, false, false], 'down'],
    ['failures that do not come in a row', [true, false, false, true, false, false], 'up'],
    ['one success after a failure', [false, true], 'down'],
    ['two successes after a failure', [false, true, true], 'up'],
    ['successes that do not come in a row', [false, true, false, true], 'down'],
  ];
  for (const [what, results, expected] of cases) {
    it(`after ${what} is ${expected}`, () => {
      const end = results.reduce((streak, result) => afterCheck(streak, result, HEALTH), UNCHECKED);
      assert.equal(end.state, expected);
    });
  }
});

describe('health checks', () => {
  it('look at every endpoint within a second, not all at once, and then in intervals of 4 to 6 s', async () => {
    const { use, timers, asked } = setUp(50);
    use(Array.from({ length: 50 }, (_, slot) => slot));
    assert.equal(asked.length, 0);
    await timers.advance(1000);
    assert.equal(asked.length, 50);
    assert.ok(new Set(asked.map(({ atMs }) => Math.floor(atMs / 100))).size > 5);
    await timers.advance(60_000);
    for (let slot = 0; slot < 50; slot++) {
      const times = asked.filter(({ host }) => host === `10.0.0.${slot}`).map(({ atMs }) => atMs);
      for (const [i, atMs] of times.entries()) {
        const gapMs = atMs - (times[i - 1] ?? atMs - 5000);
        assert.ok(gapMs >= 3999 && gapMs <= 6001, `${gapMs} ms`);
      }
    }
  });

  it('take an endpoint out when its first check fails, and back in when two succeed', async () => {
    const { use, timers, answers, states, heard, clock, asked } = setUp(2);
    answers.set('10.0.0.1', 'status 503');
    use([0, 1]);
    assert.equal(states.isDown(1, clock.nowMs), false, 'unknown counts as up');
    await timers.advance(1000);
    assert.equal(states.condition(1, clock.nowMs), 'down');
    assert.equal(states.condition(0, clock.nowMs), 'up');
    answers.set('10.0.0.1', null);
    while (asked.filter(({ host }) => host === '10.0.0.1').length < 2) await timers.advance(100);
    assert.equal(states.condition(1, clock.nowMs), 'down');
    assert.equal(states.warmSinceMs(1), 0);
    await timers.advance(6000);
    assert.equal(states.condition(1, clock.nowMs), 'up');
    assert.ok(states.warmSinceMs(1) > NOW);
    assert.deepEqual(heard, ['s http://10.0.0.1:80 status 503', 's http://10.0.0.1:80 up']);
  });

  it('give up on a check that is not answered in time', async () => {
    const { use, timers, answers, states, checks, underWay, clock } = setUp(1);
    answers.set('10.0.0.0', undefined);
    use([0]);
    await timers.advance(1999);
    assert.equal(checks.status[0]?.state, 'down');
    assert.equal(checks.status[0]?.problem, 'no answer within 1000 ms');
    assert.equal(states.isDown(0, clock.nowMs), true);
    assert.equal(underWay(), 0);
  });

  it('are at most 64 at once, and all have their turn', async () => {
    const { use, timers, answers, asked, most } = setUp(200);
    for (let slot = 0; slot < 200; slot++) answers.set(`10.0.0.${slot}`, undefined);
    use(Array.from({ length: 200 }, (_, slot) => slot));
    await timers.advance(4500);
    assert.equal(most(), 64);
    assert.equal(new Set(asked.map(({ host }) => host)).size, 200);
  });

  it('keep what they know of endpoints that stay, whatever comes and goes', async () => {
    const { use, timers, answers, states, clock, checks, asked } = setUp(4);
    answers.set('10.0.0.1', 'connection refused');
    use([0, 1]);
    await timers.advance(1000);
    const before = asked.length;
    for (let i = 0; i < 20; i++) use(i % 2 === 0 ? [1, 2] : [1, 3]);
    assert.equal(states.isDown(1, clock.nowMs), true);
    assert.equal(checks.status.find(({ url }) => url === 'http://10.0.0.1:80')?.state, 'down');
    assert.equal(asked.length, before);
    assert.equal(timers.count, 2);
  });

  it('drop what comes from an endpoint that is gone, and forget it', async () => {
    const { use, timers, answers, states, clock, heard, results, underWay } = setUp(2);
    answers.set('10.0.0.1', 'status 500');
    use([0, 1]);
    await timers.advance(1000);
    answers.set('10.0.0.1', undefined);
    while (underWay() === 0) await timers.advance(100);
    const before = results.length;
    use([0]);
    assert.equal(states.isDown(1, clock.nowMs), false, 'the slot may get another endpoint');
    assert.equal(underWay(), 0);
    await timers.advance(1000);
    assert.equal(results.length, before);
    assert.deepEqual(heard, ['s http://10.0.0.1:80 status 500']);
  });

  it('begin anew with another configuration, and keep the state until they know better', async () => {
    const { use, timers, answers, asked, states, clock } = setUp(1);
    answers.set('10.0.0.0', 'status 500');
    use([0]);
    await timers.advance(1000);
    use([0], { ...HEALTH, port: 9000, unhealthyAfter: 1, healthyAfter: 1 });
    assert.equal(states.isDown(0, clock.nowMs), true);
    answers.set('10.0.0.0', null);
    await timers.advance(1000);
    assert.equal(asked.at(-1)?.port, 9000);
    assert.equal(states.isDown(0, clock.nowMs), false);
  });

  it('leave everything up where they are switched off, and when they end', async () => {
    const { use, timers, answers, states, clock, checks } = setUp(1);
    answers.set('10.0.0.0', 'status 500');
    use([0]);
    await timers.advance(1000);
    use([0], null);
    assert.equal(states.isDown(0, clock.nowMs), false);
    assert.equal(timers.count, 0);
    use([0]);
    answers.set('10.0.0.0', undefined);
    await timers.advance(1000);
    checks.close();
    assert.equal(timers.count, 0);
  });

  it('do not end an ejection before its time, and end it then', async () => {
    const { use, timers, states, clock } = setUp(1);
    states.eject(0, NOW + 30_000);
    use([0]);
    await timers.advance(29_000);
    assert.equal(states.condition(0, clock.nowMs), 'ejected');
    await timers.advance(8000);
    assert.equal(states.condition(0, clock.nowMs), 'up');
    assert.ok(states.warmSinceMs(0) >= NOW + 30_000);
  });
});
