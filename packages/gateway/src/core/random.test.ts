import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { random, unpredictableSeed } from './random.ts';

describe('random', () => {
  it('repeats the sequence of a seed', () => {
    const first = random(42);
    const second = random(42);
    for (let i = 0; i < 1000; i++) assert.equal(first.next(), second.next());
  });

  it('gives neighbouring seeds unrelated sequences, zero included', () => {
    const firsts = new Set<number>();
    for (let seed = 0; seed < 1000; seed++) firsts.add(random(seed).below(1_000_000));
    assert.ok(firsts.size > 990, `${firsts.size} different first values`);
    assert.notEqual(random(0).next(), 0);
  });

  it('gives unsigned 32-bit integers', () => {
    const chance = random(7);
    let high = 0;
    for (let i = 0; i < 10_000; i++) {
      const value = chance.next();
      assert.ok(Number.isInteger(value) && value >= 0 && value < 2 ** 32);
      if (value >= 2 ** 31) high++;
    }
    assert.ok(Math.abs(high - 5000) < 250);
  });

  for (const n of [1, 2, 3, 7, 8, 100]) {
    it(`is even below ${n}`, () => {
      const chance = random(n);
      const counts = Array.from({ length: n }, () => 0);
      const draws = n * 10_000;
      for (let i = 0; i < draws; i++) {
        const value = chance.below(n);
        counts[value] = (counts[value] ?? Number.NaN) + 1;
      }
      // Five standard deviations of a count with mean 10,000.
      for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, `${count}`);
    });
  }

  it('gives 0 below 0', () => {
    assert.equal(random(1).below(0), 0);
  });

  it('stays in [0, 1)', () => {
    const chance = random(3);
    let sum = 0;
    for (let i = 0; i < 100_000; i++) {
      const value = chance.unit();
      assert.ok(value >= 0 && value < 1);
      sum += value;
    }
    assert.ok(Math.abs(sum / 100_000 - 0.5) < 0.005);
  });
});

describe('unpredictableSeed', () => {
  it('differs from call to call', () => {
    const seeds = new Set(Array.from({ length: 16 }, unpredictableSeed));
    assert.ok(seeds.size > 14);
  });
});
