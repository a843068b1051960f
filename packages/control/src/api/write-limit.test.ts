import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeLimit } from './write-limit.ts';

describe('the limit of changes', () => {
  it('lets a burst through, then so many a second, and says when there is one again', () => {
    const limit = writeLimit(2, 3);
    assert.deepEqual(
      [1, 2, 3].map(() => limit('a', 0)),
      [0, 0, 0],
    );
    assert.equal(limit('a', 0), 1);
    assert.equal(limit('a', 499), 1);
    assert.equal(limit('a', 1_000), 0);
    assert.equal(limit('a', 1_000), 0);
    assert.equal(limit('a', 1_000), 1);
  });

  it('is of each caller', () => {
    const limit = writeLimit(1, 1);
    assert.deepEqual([limit('a', 0), limit('b', 0), limit('a', 0)], [0, 0, 1]);
  });

  it('does not gain from a clock that goes back', () => {
    const limit = writeLimit(1, 1);
    assert.deepEqual([limit('a', 5_000), limit('a', 0), limit('a', 900)], [0, 1, 1]);
  });

  it('remembers so many callers and no more', () => {
    const limit = writeLimit(1, 1);
    limit('first', 0);
    for (let i = 0; i < 1_000; i++) limit(`caller ${i}`, 0);
    assert.equal(limit('first', 0), 0, 'it was forgotten');
    assert.ok(limit('caller 999', 0) > 0, 'the last one was not');
  });
});
