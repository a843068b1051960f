import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Breaker } from './breaker.ts';

function failing(times: number): Breaker {
  const breaker = new Breaker();
  for (let i = 0; i < times; i++) breaker.failed(0);
  return breaker;
}

describe('a breaker', () => {
  it('lets everybody ask until five failures in a row', () => {
    assert.ok(failing(4).mayAsk(0));
    assert.ok(!failing(5).mayAsk(0));
    const breaker = failing(4);
    breaker.succeeded();
    breaker.failed(0);
    assert.ok(breaker.mayAsk(0));
  });

  it('says once that a pause begins', () => {
    const breaker = failing(4);
    assert.equal(breaker.failed(0), true);
    assert.equal(breaker.failed(0), false);
  });

  it('lets one ask after a second, and everybody when that has succeeded', () => {
    const breaker = failing(5);
    assert.ok(!breaker.mayAsk(999));
    assert.ok(breaker.mayAsk(1000));
    assert.ok(!breaker.mayAsk(1000));
    breaker.succeeded();
    assert.ok(breaker.mayAsk(1000));
    assert.ok(breaker.mayAsk(1000));
  });

  it('pauses again when that has failed, or was never heard of again', () => {
    const breaker = failing(5);
    assert.ok(breaker.mayAsk(1500));
    breaker.failed(1600);
    assert.ok(!breaker.mayAsk(2599));
    assert.ok(breaker.mayAsk(2600));
    assert.ok(!breaker.mayAsk(3599));
    assert.ok(breaker.mayAsk(3600));
  });
});
