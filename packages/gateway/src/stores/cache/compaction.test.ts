import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredResponse } from '../../core/cache-memory.ts';
import { random } from '../../core/random.ts';
import { assertConsistent } from './consistency-testing.ts';
import { bodyOf, bytesOf, collect, found, rig, store } from './shared-cache-testing.ts';

const LARGE_BYTES = 64 * 1024;
/** With an end that is short enough to be in the way. */
const HELD_BYTES = LARGE_BYTES + 1500;

describe('a memory that has been full for long', () => {
  it('still gives out large bodies in few pieces, and moves nothing that somebody reads', () => {
    const { a, b, desk, buffer } = rig(16 * 1024 * 1024);
    const dice = random(5);
    const held: StoredResponse<string>[] = [];
    const views: Buffer[][] = [];
    for (let i = 0; i < 8000; i++) {
      if (i % 250 === 0 && store(a, `held ${i}`, bytesOf(HELD_BYTES))) held.push(found(a, `held ${i}`));
      if (held.length > views.length)
        views.push(held.slice(-1).flatMap((one) => collect(one.body(0, HELD_BYTES)).pieces));
      const size = dice.below(10) === 0 ? LARGE_BYTES : dice.below(4000);
      store(a, `key ${i}`, bytesOf(size, i));
    }
    let [bodies, pieces] = [0, 0];
    for (const { key, length } of desk.page(0, 1e6).entries) {
      const response = found(b, key);
      const body = bodyOf(response);
      if (length !== HELD_BYTES) assert.ok(body.equals(bytesOf(length, Number(key.split(' ')[1]))), key);
      if (length === LARGE_BYTES) bodies++;
      if (length === LARGE_BYTES) pieces += collect(response.body(0, length)).pieces.length;
      response.release();
    }
    assert.ok(bodies > 50);
    assert.ok(pieces < 6 * bodies, `${pieces} pieces of ${bodies} bodies`);
    assert.ok(held.length > 10);
    for (const pieces of views) assert.ok(Buffer.concat(pieces).equals(bytesOf(HELD_BYTES)), 'held');
    for (const response of held) response.release();
    assertConsistent(buffer);
  });
});
