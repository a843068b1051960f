// What the limiter makes of windows one by one; simulation.test.ts shows what comes of it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Baselines } from './baselines.ts';
import { GradientLimiter } from './gradient-limiter.ts';
import { ServiceLimits } from './service-limits.ts';

const START_MS = 1_700_000_000_000;

function setUp() {
  const limits = new ServiceLimits(ServiceLimits.allocate(1, 1), 0);
  const baselines = new Baselines(Baselines.allocate(8));
  const limiter = new GradientLimiter({ slot: 0, line: limits.line(0), baselines });
  const row = baselines.row(0, 'service', 'route');
  let nowMs = START_MS;
  return {
    limiter,
    get limit() {
      return limiter.limit(nowMs);
    },
    /** Requests of `latencyMs`, 1000 a second, `inflight` at once; `pushed`: for some more there is no place. */
    run(overMs: number, latencyMs: number, { inflight = 1, pushed = false, ownDelayMs = 0 } = {}): void {
      for (const endMs = nowMs + overMs; nowMs < endMs; nowMs++) {
        if (pushed) limiter.pushed();
        limiter.ended(inflight);
        limiter.sample(row, latencyMs, ownDelayMs, nowMs);
      }
    },
  };
}

describe('the adaptive limit', () => {
  it('begins at 40, and stays there as long as nobody needs more', () => {
    const rig = setUp();
    rig.run(10_000, 5);
    assert.equal(rig.limit, 40);
    assert.equal(rig.limiter.isSearching(START_MS), false);
  });

  it('grows by leaps while nothing waits', () => {
    const rig = setUp();
    assert.ok(rig.limiter.isSearching(START_MS));
    rig.run(2000, 5, { pushed: true });
    assert.ok(rig.limit > 1000);
    rig.run(5000, 5, { pushed: true });
    assert.equal(rig.limit, 10_000);
  });

  it('grows as well when three quarters are used, though everybody finds a place', () => {
    const rig = setUp();
    rig.run(2000, 5, { inflight: 29 });
    assert.equal(rig.limit, 40);
    rig.run(2000, 5, { inflight: 30 });
    assert.ok(rig.limit > 40);
  });

  it('shrinks when requests take longer, by at most 15 % a window', () => {
    const rig = setUp();
    rig.run(2500, 5);
    rig.run(350, 20, { inflight: 40, pushed: true });
    assert.ok(rig.limit < 30 && rig.limit >= 40 * 0.85 ** 4);
  });

  it('stays when requests take longer and nearly all find a place', () => {
    const rig = setUp();
    rig.run(2500, 5);
    const limits = Array.from({ length: 20 }, () => {
      rig.run(1, 20, { inflight: 40, pushed: true });
      rig.run(30, 20, { inflight: 39 });
      return rig.limit;
    });
    assert.ok(Math.min(...limits) >= 40);
  });

  it('is restored when shrinking was futile, and what was slow is usual then', () => {
    const rig = setUp();
    rig.run(2500, 5, { inflight: 30 });
    const before = rig.limit;
    for (let inflight = 40; inflight > 25; inflight--) rig.run(100, 15, { inflight, pushed: true });
    assert.ok(rig.limit >= before);
    rig.run(3000, 15, { inflight: 10 });
    assert.ok(rig.limit >= before);
  });

  it('does not go below 8', () => {
    const rig = setUp();
    rig.run(2500, 5);
    for (let latencyMs = 10; latencyMs < 100; latencyMs *= 1.1) {
      rig.run(100, latencyMs, { inflight: 40, pushed: true });
    }
    assert.equal(rig.limit, 8);
  });

  it('is halved for a moment when the service has been busy for long', () => {
    const rig = setUp();
    rig.run(2500, 5);
    const limits = Array.from({ length: 45 }, () => {
      rig.run(100, 7.5, { inflight: 200 });
      return rig.limit;
    });
    const halved = limits.findIndex((limit, i) => limit < 0.6 * (limits[i - 1] ?? 0));
    assert.ok(halved > 20);
    assert.ok((limits[halved + 4] ?? 0) > 1.5 * (limits[halved] ?? 0));
  });

  it('leaves alone what our own event loop made slow', () => {
    const rig = setUp();
    rig.run(2500, 1);
    rig.run(2000, 9, { inflight: 20, ownDelayMs: 8.5 });
    assert.equal(rig.limit, 40);
    rig.run(250, 90, { inflight: 20, ownDelayMs: 8.5, pushed: true });
    assert.ok(rig.limit < 40);
  });
});
