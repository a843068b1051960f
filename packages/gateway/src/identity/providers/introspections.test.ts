import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Introspections } from './introspections.ts';
import { manualClockwork } from './providers-testing.ts';

const CACHE_MS = 60_000;

function setUp(cacheMs = CACHE_MS) {
  const clockwork = manualClockwork();
  const introspections = new Introspections(clockwork.clock, cacheMs);
  let asked = 0;
  return {
    clockwork,
    asked: () => asked,
    get: (token: string, claims: Record<string, number> | null) =>
      introspections.get(token, async () => {
        asked++;
        return { isActive: claims !== null, claims: claims ?? { secret: 'of the provider' } };
      }),
  };
}

describe('what a provider says of tokens', () => {
  it('is asked once for all who have the same token', async () => {
    const { get, asked } = setUp();
    const answers = await Promise.all([get('a', { level: 1 }), get('a', { level: 1 }), get('b', null)]);
    const [first, , none] = answers;
    assert.deepEqual([first?.isActive, first?.claims], [true, { level: 1 }]);
    assert.equal(answers[1], first);
    assert.deepEqual([none?.isActive, none?.claims], [false, {}]);
    assert.equal(asked(), 2);
  });

  it('holds as long as it is configured, and ten seconds when it is no', async () => {
    const { get, asked, clockwork } = setUp();
    await get('a', {});
    await get('b', null);
    clockwork.advance(9_999);
    await get('b', null);
    assert.equal(asked(), 2);
    clockwork.advance(1);
    await get('b', null);
    assert.equal(asked(), 3);
    clockwork.advance(CACHE_MS - 10_001);
    await get('a', {});
    assert.equal(asked(), 3);
    clockwork.advance(1);
    await get('a', {});
    assert.equal(asked(), 4);
  });

  it('holds no longer than the token', async () => {
    const { get, asked, clockwork } = setUp();
    const exp = clockwork.clock.epoch() / 1000 + 5;
    await get('a', { exp });
    clockwork.advance(4999);
    await get('a', { exp });
    assert.equal(asked(), 1);
    clockwork.advance(1);
    await get('a', { exp });
    assert.equal(asked(), 2);
  });

  it('is not remembered when that is not wanted', async () => {
    const { get, asked } = setUp(0);
    await get('a', {});
    await get('a', {});
    await get('b', null);
    await get('b', null);
    assert.equal(asked(), 4);
  });

  it('of ten thousand tokens that are none pushes no real one out', async () => {
    const { get, asked } = setUp();
    await get('real', {});
    for (let index = 0; index < 10_001; index++) await get(`made up ${index}`, null);
    await get('real', {});
    assert.equal(asked(), 10_002);
    await get('made up 0', null);
    assert.equal(asked(), 10_003);
  });
});
