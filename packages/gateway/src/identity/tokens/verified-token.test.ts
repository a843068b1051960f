import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Clock } from '../../core/ports.ts';
import { Provider } from './provider.ts';
import { NOW_MS, providerConfig } from './tokens-testing.ts';
import { TokenMemory, verifiedToken } from './verified-token.ts';

const PROVIDER = new Provider(providerConfig(), {
  clock: { now: () => NOW_MS, epoch: () => NOW_MS },
  desk: { run: () => Promise.reject(new Error('nobody is asked')) },
});

function verified(token: string, claims: object = {}) {
  const found = verifiedToken({
    token,
    claims: { sub: 'alice', ...claims },
    provider: PROVIDER,
    confirmation: null,
    key: null,
    goodUntilMs: NOW_MS + 1000,
    askAgainAtMs: Infinity,
  });
  assert.ok(found !== null);
  return found;
}

function at(nowMs: number): Clock {
  return { now: () => nowMs, epoch: () => nowMs };
}

/** How many of so many tokens are remembered. */
function remembered(count: number, claims: object): number {
  const memory = new TokenMemory();
  for (let i = 0; i < count; i++) memory.keep(verified(`token-${i}`, claims));
  let found = 0;
  for (let i = 0; i < count; i++) if (memory.findToken(`token-${i}`, at(NOW_MS)) !== null) found++;
  return found;
}

describe('TokenMemory', () => {
  it('finds a token by its Authorization, and forgets it when it is no longer good', () => {
    const memory = new TokenMemory();
    const token = verified('abc');
    memory.keep(token);
    assert.equal(memory.find('Bearer abc', at(NOW_MS)), token);
    assert.equal(memory.find('Bearer abcd', at(NOW_MS)), null);
    assert.equal(memory.find('abc', at(NOW_MS)), null);
    assert.equal(memory.find('Bearer abc', at(NOW_MS + 1000)), null);
    assert.equal(memory.find('Bearer abc', at(NOW_MS)), null);
  });

  it('keeps 20,000 small tokens at most', () => {
    const found = remembered(25_000, {});
    assert.ok(found >= 10_000 && found <= 20_000, String(found));
  });

  it('keeps fewer large ones', () => {
    const claims = { filler: 'x'.repeat(100_000) };
    const found = remembered(400, claims);
    assert.ok(found >= 64 && found <= 168, String(found));
  });
});
