// The scenario that matters most, small enough for a busy machine; the others are in overload.scenario.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goodShare, inWorld } from './overload-world.ts';

const PRIORITIES = ['critical', 'high', 'normal', 'low', 'bulk'];

describe('a service of known capacity behind an adaptive limit', () => {
  it('is kept at work at twice of that, by order of priority, and all are served again after it', async (t) => {
    const routes = Object.fromEntries(
      PRIORITIES.map((priority) => [priority, { workMs: 20, policies: { priority } }]),
    );
    await inWorld(t, { workers: 8, routes }, async ({ run }) => {
      await run({ seconds: 4, load: 0.5 });
      const { goodput, byPath } = await run({ seconds: 5, load: 2 });
      const shares = Array.from(byPath.values(), goodShare);
      assert.ok(goodput >= 0.8); // without the limit it is below 0.4, see overload.scenario.ts
      for (const [rank, share] of shares.entries())
        assert.ok(share <= (shares[rank - 1] ?? 1) + NOISE, `${PRIORITIES[rank]} before those above it`);
      const [critical = 0, , normal = 0, , bulk = 1] = shares;
      assert.ok(critical > normal && normal > bulk && critical - bulk >= 0.5);
      await run({ seconds: 1, load: 0.5 });
      assert.ok((await run({ seconds: 2, load: 0.5 })).shedShare <= 0.05);
    });
  });
});

/** Two priorities that are both served, or both sent away, may differ by this either way. */
const NOISE = 0.03;
