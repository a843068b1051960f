import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { LatencyWindow, LEAST_SAMPLES } from './latency-window.ts';

const NOW = 1_800_000_000_000;

describe('the latencies of the last minute', () => {
  it('say nothing of the percentile as long as there are few', () => {
    const window = new LatencyWindow(95);
    for (let i = 1; i < LEAST_SAMPLES; i++) window.add(10, NOW);
    assert.equal(window.valueMs(NOW), null);
    window.add(10, NOW);
    assert.notEqual(window.valueMs(NOW), null);
  });

  it('give a percentile that is right to a fifth, and never too low', () => {
    const latency = fc.double({ min: 0.2, max: 60_000, noNaN: true });
    const percentile = fc.integer({ min: 50, max: 99 });
    fc.assert(
      fc.property(fc.array(latency, { minLength: 50, maxLength: 300 }), percentile, (latencies, p) => {
        const window = new LatencyWindow(p);
        latencies.forEach((ms, i) => window.add(ms, NOW + (i % 50) * 1000));
        const sorted = latencies.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil((sorted.length * p) / 100) - 1] ?? 0;
        const found = window.valueMs(NOW + 49_000) ?? 0;
        assert.ok(found >= exact * 0.9999 && found <= exact * 1.2, `${found} for ${exact}`);
      }),
    );
  });

  it('forget what is more than a minute old', () => {
    const window = new LatencyWindow(50);
    for (let i = 0; i < 100; i++) window.add(1000, NOW);
    for (let i = 0; i < 100; i++) window.add(1, NOW + 70_000);
    assert.ok((window.valueMs(NOW + 70_000) ?? 0) < 2);
    assert.equal(window.valueMs(NOW + 300_000), null);
  });

  it('take times of any size', () => {
    const window = new LatencyWindow(99);
    for (const ms of [0, -1, 1e9, 0.001]) for (let i = 0; i < 30; i++) window.add(ms, NOW);
    assert.ok(Number.isFinite(window.valueMs(NOW)));
  });
});
