import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Selection } from '../domain/fleet.ts';
import { type Member, selectedOf } from './selection.ts';

function fleetOf(count: number): Member[] {
  return Array.from({ length: count }, (_, at) => ({ id: `id-${at}`, name: `gw${at}`, zone: `z${at % 3}` }));
}

function selected(selection: Selection, fleet: readonly Member[], revision = 7): string[] {
  return [...selectedOf(selection, fleet, revision)];
}

const percent = (value: number) => ({ kind: 'percent', percent: value }) as const;

describe('who takes a revision first', () => {
  it('is one gateway, however small the percentage and the fleet', () => {
    for (const count of [1, 2, 4, 10, 100])
      for (let revision = 1; revision <= 50; revision++)
        assert.equal(selected(percent(1), fleetOf(count), revision).length, 1, `${count} ${revision}`);
  });

  it('is never more of the fleet than the percentage, and all of it at 100', () => {
    for (const [value, count, most] of [
      [25, 3, 1],
      [50, 3, 1],
      [99, 3, 2],
      [100, 3, 3],
      [5, 30, 1],
      [5, 40, 2],
      [25, 2000, 500],
    ] as const)
      for (let revision = 1; revision <= 20; revision++)
        assert.equal(
          selected(percent(value), fleetOf(count), revision).length,
          most,
          `${value} % of ${count}`,
        );
    assert.deepEqual(selected(percent(0), fleetOf(3)), []);
  });

  it('stays in when the percentage grows', () => {
    const fleet = fleetOf(30);
    for (let revision = 1; revision <= 20; revision++) {
      const large = new Set(selected(percent(50), fleet, revision));
      assert.ok(selected(percent(10), fleet, revision).every((id) => large.has(id)));
    }
  });

  it('is somebody else for another revision', () => {
    const fleet = fleetOf(10);
    const firsts = Array.from({ length: 30 }, (_, revision) => selected(percent(1), fleet, revision)[0]);
    assert.ok(new Set(firsts).size > 5);
  });

  it('is who is in the zones, or who has the names or ids', () => {
    const fleet = fleetOf(6);
    assert.deepEqual(selected({ kind: 'zones', zones: ['z1', 'none'] }, fleet), ['id-1', 'id-4']);
    assert.deepEqual(selected({ kind: 'nodes', nodes: ['id-2', 'gw5'] }, fleet), ['id-2', 'id-5']);
  });
});
