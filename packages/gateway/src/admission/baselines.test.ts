import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Baselines } from './baselines.ts';

const START_MS = 1_700_000_000_000;
/** So many samples that luck does not matter. */
const MANY = 10_000;

function setUp(rows = 64) {
  const baselines = new Baselines(Baselines.allocate(rows));
  let nowMs = START_MS;
  return {
    baselines,
    /** Many requests of `latencyMs`, spread over that time. */
    samples(row: number, latencyMs: number, overMs: number, many = MANY): void {
      for (let i = 0; i < many; i++) {
        nowMs += overMs / many;
        baselines.sample(row, latencyMs, nowMs);
      }
    },
    get nowMs() {
      return nowMs;
    },
  };
}

function isNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual / expected - 1) < 0.03, `${actual} is not near ${expected}`);
}

describe('baselines', () => {
  it('are known after a tenth of a second, and compare with what came before until then', () => {
    const { baselines, samples } = setUp();
    const row = baselines.row(0, 'service', 'route');
    samples(row, 5, 50);
    assert.equal(baselines.isKnown(row), false);
    assert.equal(baselines.baselineMs(row), 0);
    assert.ok(Math.abs(baselines.sample(row, 10, START_MS + 50) - Math.log(2)) < 0.01);
    samples(row, 5, 100);
    isNear(baselines.baselineMs(row), 5);
  });

  it('wait longer where requests take longer, lest only the short ones are seen', () => {
    const { baselines, samples } = setUp();
    const row = baselines.row(0, 'service', 'route');
    samples(row, 300, 2900);
    assert.equal(baselines.isKnown(row), false);
    samples(row, 300, 200);
    assert.equal(baselines.isKnown(row), true);
  });

  it('are the lowest of the last minute', () => {
    const { baselines, samples } = setUp();
    const row = baselines.row(0, 'service', 'route');
    samples(row, 5, 2500);
    samples(row, 20, 50_000);
    isNear(baselines.baselineMs(row), 5);
    samples(row, 20, 15_000);
    assert.ok(baselines.baselineMs(row) > 19);
    samples(row, 10, 4500);
    isNear(baselines.baselineMs(row), 10);
  });

  it('trust few samples less than many', () => {
    const { baselines, samples } = setUp();
    const row = baselines.row(0, 'service', 'route');
    samples(row, 5, 500, 25);
    assert.ok(baselines.baselineMs(row) > 6);
    samples(row, 5, 2500);
    isNear(baselines.baselineMs(row), 5);
  });

  it('are raised for one service, and lowered again by what is measured', () => {
    const { baselines, samples } = setUp();
    const [row, other] = [baselines.row(3, 'service', 'route'), baselines.row(4, 'other', 'route')];
    samples(row, 5, 2500);
    samples(other, 5, 2500);
    baselines.raise(3, 4);
    baselines.emptyBuckets(3);
    isNear(baselines.baselineMs(row), 20);
    isNear(baselines.baselineMs(other), 5);
    samples(row, 12, 2500);
    isNear(baselines.baselineMs(row), 12);
  });

  it('do not mix what came before and after something happened', () => {
    const rig = setUp();
    const { baselines, samples } = rig;
    const row = baselines.row(3, 'service', 'route');
    samples(row, 20, 2500);
    baselines.closeBuckets(3, rig.nowMs);
    samples(row, 5, 300);
    baselines.closeBuckets(3, rig.nowMs);
    isNear(baselines.baselineMs(row), 5);
    samples(row, 1, 300);
    baselines.emptyBuckets(3);
    baselines.closeBuckets(3, rig.nowMs);
    isNear(baselines.baselineMs(row), 5);
  });

  it('give each route of each service a row, in every thread the same, as long as there are rows', () => {
    const buffer = Baselines.allocate(8);
    const [one, other] = [new Baselines(buffer), new Baselines(buffer)];
    const routes = ['a', 'b', 'c', 'd'];
    const rows = routes.map((route) => one.row(0, 'service', route));
    assert.equal(new Set(rows).size, 4);
    assert.deepEqual(
      routes.map((route) => other.row(0, 'service', route)),
      rows,
    );
    assert.ok(!rows.includes(other.row(1, 'other', 'a')));
    for (let i = 0; i < 20; i++) assert.ok(one.row(0, 'service', `more ${i}`) < 8);
  });
});
