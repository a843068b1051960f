import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RedisConfig } from '@turnpike/config';
import type { Charge } from '../../core/counters.ts';
import { Buckets } from './buckets.ts';

const CONFIG: RedisConfig = {
  mode: 'cluster',
  urls: [],
  master: null,
  authorities: null,
  keyPrefix: 'turnpike:',
  timeoutMs: 50,
};

function bucketsOf(config: Partial<RedisConfig> = {}): Buckets {
  return new Buckets({ ...CONFIG, ...config }, (name) => Int32Array.of(name.length));
}

function charge(id: string, key: string, algorithm: 'gcra' | 'sliding' = 'gcra'): Charge {
  return { limiter: { id, algorithm }, key, quota: { limit: 1, windowMs: 1, burst: 1 }, cost: 1 };
}

describe('Buckets', () => {
  it('have the limit in their name, and of the key a digest only, as a hash tag', () => {
    const buckets = bucketsOf();
    const { name } = buckets.of(charge('orders/per-key', 'secret}{key'));
    assert.match(name, /^turnpike:\{[\w-]{22}\}gcra:orders\/per-key$/);
    assert.equal(buckets.of(charge('orders/per-key', 'secret}{key')).name, name);
  });

  it('are others for another limit, key or algorithm', () => {
    const buckets = bucketsOf();
    const charges = [
      charge('a', 'k'),
      charge('b', 'k'),
      charge('a', 'l'),
      charge('a', 'k', 'sliding'),
      charge('a', ''),
    ];
    assert.equal(new Set(charges.map((one) => buckets.of(one).name)).size, charges.length);
  });

  it('are grouped by key in a cluster, so that limits by the same key are decided together', () => {
    const buckets = bucketsOf();
    const group = (id: string, key: string) => buckets.of(charge(id, key)).group;
    assert.equal(group('a', 'alice'), group('b', 'alice'));
    assert.notEqual(group('a', 'alice'), group('a', 'bob'));
  });

  it('are one group on one server, and where the prefix has a hash tag', () => {
    for (const config of [{ mode: 'single' }, { mode: 'sentinel' }, { keyPrefix: '{turnpike}:' }] as const) {
      const buckets = bucketsOf(config);
      assert.equal(buckets.of(charge('a', 'alice')).group, buckets.of(charge('b', 'bob')).group);
    }
    assert.notEqual(bucketsOf({ keyPrefix: '{}:' }).of(charge('a', 'alice')).group, '');
  });
});
