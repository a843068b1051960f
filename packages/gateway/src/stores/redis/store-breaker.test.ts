import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreBreaker } from './store-breaker.ts';

/** Fails at these times; gives at which of them that opened the breaker. */
function failAt(breaker: StoreBreaker, ...times: number[]): number[] {
  return times.filter((nowMs) => breaker.failed(nowMs));
}

describe('StoreBreaker', () => {
  it('opens at the third failure within a second', () => {
    const breaker = new StoreBreaker();
    assert.deepEqual(failAt(breaker, 0, 500, 1000, 1400), [1400]);
    assert.equal(breaker.isClosed, false);
    assert.equal(breaker.mayCall(6399), false);
  });

  it('counts once what fails in the same moment', () => {
    assert.deepEqual(failAt(new StoreBreaker(), 0, 1, 2, 3, 20, 21, 40), [40]);
  });

  it('lets one call probe after five seconds, and closes when that is answered', () => {
    const breaker = new StoreBreaker();
    failAt(breaker, 0, 100, 200);
    assert.equal(breaker.succeeded(), false, 'a call from before says little');
    assert.equal(breaker.mayCall(5200), true);
    assert.equal(breaker.mayCall(5200), false);
    assert.equal(breaker.succeeded(), true);
    assert.equal(breaker.mayCall(5201), true);
    assert.deepEqual(failAt(breaker, 5300, 5400), []);
  });

  it('stays open for five more seconds when the probe fails', () => {
    const breaker = new StoreBreaker();
    failAt(breaker, 0, 100, 200);
    assert.equal(breaker.mayCall(5200), true);
    assert.deepEqual(failAt(breaker, 5250), [5250]);
    assert.equal(breaker.mayCall(10_249), false);
    assert.equal(breaker.mayCall(10_250), true);
  });
});
