import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '../../core/random.ts';
import { assertConsistent } from './consistency-testing.ts';
import { bodyOf, bytesOf, collect, found, rig, store } from './shared-cache-testing.ts';

const LARGE_BYTES = 64 * 1024;

describe('a memory that has been full for long', () => {
  it('still gives out large bodies in few pieces, and moves nothing that somebody reads', () => {
    const { a, b, desk, buffer } = rig(16 * 1024 * 1024);
    const dice = random(5);
    store(a, 'held', bytesOf(100_000));
    const held = found(a, 'held');
    for (let i = 0; i < 20_000; i++) {
      const size = dice.below(10) === 0 ? LARGE_BYTES : dice.below(4000);
      store(a, `key ${i}`, bytesOf(size, i));
    }
    let [bodies, pieces] = [0, 0];
    for (const { key, length } of desk.page(0, 1e6).entries) {
      const response = found(b, key);
      const body = bodyOf(response);
      if (key !== 'held') assert.ok(body.equals(bytesOf(length, Number(key.split(' ')[1]))), key);
      if (length === LARGE_BYTES) bodies++;
      if (length === LARGE_BYTES) pieces += collect(response.body(0, length)).pieces.length;
      response.release();
    }
    assert.ok(bodies > 50);
    assert.ok(pieces < 6 * bodies, `${pieces} pieces of ${bodies} bodies`);
    assert.ok(bodyOf(held).equals(bytesOf(100_000)));
    held.release();
    assertConsistent(buffer);
  });
});
