import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { Remembered } from './remembered.ts';

describe('Remembered', () => {
  it('gives what was set, until it is deleted', () => {
    const map = new Remembered<number>(2);
    map.set('a', 1);
    map.set('a', 2);
    assert.equal(map.get('a'), 2);
    assert.equal(map.size, 1);
    map.delete('a');
    assert.equal(map.get('a'), undefined);
    assert.equal(map.size, 0);
  });

  it('keeps what is asked for once a generation and forgets the rest', () => {
    const map = new Remembered<number>(2);
    map.set('used', 0);
    map.set('unused', 0);
    for (let i = 0; i < 100; i++) {
      map.set(`passing-${i}`, i);
      assert.equal(map.get('used'), 0);
    }
    assert.equal(map.get('unused'), undefined);
    assert.equal(map.get('passing-0'), undefined);
    assert.equal(map.get('passing-99'), 99);
  });

  it('counts by weight, if it is told to, and leaves out what is heavier than a generation', () => {
    const map = new Remembered<string>(10, (key, value) => key.length + value.length);
    map.set('a', '12345');
    map.set('b', '12345');
    assert.equal(map.size, 2);
    map.set('c', '12345');
    assert.deepEqual([map.get('a'), map.get('c')], [undefined, '12345']);
    map.set('c', '12345678901');
    assert.equal(map.get('c'), undefined);
  });

  it('forgets everything when it is cleared', () => {
    const map = new Remembered<number>(1);
    map.set('old', 1);
    map.set('young', 1);
    map.clear();
    assert.equal(map.size, 0);
    map.set('new', 1);
    assert.equal(map.get('new'), 1);
  });

  it('never gives a wrong value and never holds more than two generations, whatever is done', () => {
    const key = fc.nat(12).map((i) => `k${i}`);
    const step = fc.oneof(
      fc.record({ does: fc.constant('set' as const), key, value: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ does: fc.constantFrom('get' as const, 'delete' as const), key }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 9 }), (steps, capacity) => {
        const map = new Remembered<number>(capacity, (_, value) => value);
        const last = new Map<string, number>();
        for (const step of steps) {
          if (step.does === 'set') {
            map.set(step.key, step.value);
            last.set(step.key, step.value);
            assert.equal(map.get(step.key), step.value > capacity ? undefined : step.value);
          } else if (step.does === 'delete') {
            map.delete(step.key);
            last.delete(step.key);
          } else {
            const found = map.get(step.key);
            assert.ok(found === undefined || found === last.get(step.key));
          }
          assert.ok(map.size <= 2 * capacity);
        }
      }),
    );
  });
});
