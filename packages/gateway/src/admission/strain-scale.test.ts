import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { strainScale } from './strain-scale.ts';

describe('a scale of strain', () => {
  const scale = strainScale([20, 50, 100]);
  for (const [value, level] of [
    [0, 0],
    [20, 0],
    [35, 0.5],
    [50, 1],
    [75, 1.5],
    [100, 2],
    [1e9, 2],
  ] as const) {
    it(`sheds ${level} priorities at ${value}`, () => assert.equal(scale(value), level));
  }
});
