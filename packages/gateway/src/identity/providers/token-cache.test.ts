import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccessToken } from '../../core/desk.ts';
import { manualClockwork, settled } from './providers-testing.ts';
import { TokenCache } from './token-cache.ts';

/** A cache, and a provider whose n-th token is `n` and lives for `lifetimeMs`. */
function setUp(lifetimeMs: number) {
  const clockwork = manualClockwork();
  const cache = new TokenCache(clockwork.clock, 10);
  let count = 0;
  let isDown = false;
  const obtain = async (): Promise<AccessToken> => {
    if (isDown) throw new Error('down');
    return { token: String(++count), expiresAtMs: clockwork.clock.epoch() + lifetimeMs };
  };
  return {
    advance: clockwork.advance,
    obtained: () => count,
    goDown: () => (isDown = true),
    get: async (key = 'key') => (await cache.get(key, obtain)).token,
  };
}

describe('a token for a service', () => {
  it('is got once for all who ask for the same', async () => {
    const { get, obtained } = setUp(3_600_000);
    assert.deepEqual(await Promise.all([get(), get(), get('other'), get()]), ['1', '1', '2', '1']);
    assert.equal(await get(), '1');
    assert.equal(obtained(), 2);
  });

  it('is replaced in the background before the last tenth of its life, and nobody waits', async () => {
    const { get, advance, obtained } = setUp(1_000_000);
    await get();
    advance(719_999);
    await get();
    assert.equal(obtained(), 1);
    advance(1);
    assert.equal(await get(), '1');
    await settled();
    assert.equal(obtained(), 2);
    assert.equal(await get(), '2');
  });

  it('is waited for when the old one has less than half a minute left', async () => {
    const { get, advance } = setUp(100_000);
    await get();
    advance(70_000);
    assert.equal(await get(), '2');
  });

  it('is the old one until its end when no other can be had', async () => {
    const { get, advance, goDown } = setUp(100_000);
    await get();
    goDown();
    advance(97_999);
    assert.equal(await get(), '1');
    advance(1);
    await assert.rejects(get(), { message: 'down' });
  });

  it('is remembered even when it lives for seconds', async () => {
    const { get, advance, obtained } = setUp(10_000);
    await get();
    advance(3999);
    assert.equal(await get(), '1');
    assert.equal(obtained(), 1);
    advance(1001);
    assert.equal(await get(), '2');
  });

  it('is not remembered when it is over at once', async () => {
    const { get } = setUp(0);
    assert.equal(await get(), '1');
    assert.equal(await get(), '2');
  });
});
