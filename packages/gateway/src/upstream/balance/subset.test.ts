import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { endpointAt } from './balance-testing.ts';
import type { BalancedEndpoint } from './candidates.ts';
import { subsetOf, subsetSize } from './subset.ts';

function some(count: number, fields: Partial<BalancedEndpoint> = {}): BalancedEndpoint[] {
  return Array.from({ length: count }, (_, slot) => endpointAt(slot, fields));
}

describe('the size of a subset', () => {
  const table = [
    [null, 4, Infinity],
    [7, 4, 7],
    ['auto', 4, 500],
    ['auto', 400, 800],
  ] as const;
  for (const [subset, threads, size] of table) {
    it(`is ${size} for ${subset} with ${threads} threads`, () => {
      assert.equal(subsetSize(subset, threads), size);
    });
  }
});

describe('a subset', () => {
  it('has its size, in the order of the endpoints, and all of a small service', () => {
    const endpoints = some(100);
    const subset = subsetOf(endpoints, 1, 20);
    assert.equal(subset.length, 20);
    assert.deepEqual(
      subset,
      endpoints.filter((endpoint) => subset.includes(endpoint)),
    );
    assert.deepEqual(subsetOf(endpoints, 1, 100), endpoints);
    assert.deepEqual(subsetOf(endpoints, 1, Infinity), endpoints);
    assert.deepEqual(subsetOf([], 1, 20), []);
  });

  it('changes one member at most when an endpoint comes or goes, whatever the order', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 30 }), fc.nat({ max: 59 }), (seed, size, gone) => {
        const endpoints = some(60);
        const with60 = new Set(subsetOf(endpoints, seed, size));
        const with59 = new Set(subsetOf(endpoints.toSpliced(gone, 1).toReversed(), seed, size));
        assert.equal(with59.size, size);
        assert.ok(with60.difference(with59).size <= 1);
        assert.ok(with59.difference(with60).size <= 1);
      }),
    );
  });

  it('takes every endpoint equally often over many gateways, so zones keep their proportions', () => {
    const counts = new Map<BalancedEndpoint, number>();
    for (let gateway = 0; gateway < 2000; gateway++) {
      for (const endpoint of subsetOf(some60, gateway, 12))
        counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
    }
    for (const endpoint of some60) assert.ok(Math.abs((counts.get(endpoint) ?? 0) - 400) < 100);
  });

  it('is taken of each priority on its own', () => {
    const subset = subsetOf([...some(50), ...some(90, { priority: 1 }).slice(50)], 1, 10);
    assert.equal(subset.filter(({ priority }) => priority === 0).length, 10);
    assert.equal(subset.filter(({ priority }) => priority === 1).length, 10);
  });

  it('keeps a member that begins to drain, and takes another beside it', () => {
    const before = subsetOf(some(100), 5, 10);
    const [leaving] = before;
    assert.ok(leaving !== undefined);
    const endpoints = some(100).map((e) => (e.slot === leaving.slot ? { ...e, isDraining: true } : e));
    const after = subsetOf(endpoints, 5, 10).map(({ slot }) => slot);
    assert.equal(after.length, 11);
    assert.ok(before.every(({ slot }) => after.includes(slot)));
  });
});

const some60 = some(60);
