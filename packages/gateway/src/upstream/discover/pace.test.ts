import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pace } from './pace.ts';

describe('the pace of publications', () => {
  it('lets the first through at once, and then one in 100 ms', () => {
    const one = pace();
    assert.ok(one.dueMs < 0);
    one.passed(1000, 10);
    assert.equal(one.dueMs, 1100);
    one.passed(1100, 0);
    assert.equal(one.dueMs, 1200);
  });

  it('is slower for large sets', () => {
    const one = pace();
    one.passed(0, 2000);
    assert.equal(one.dueMs, 100);
    one.passed(0, 20_000);
    assert.equal(one.dueMs, 1000);
  });
});
