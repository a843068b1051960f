import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { maglevTable, TABLE_SIZE, type MaglevMember, type MaglevTable } from './maglev-table.ts';
import { TextHash } from './text-hash.ts';

function membersOf(count: number): MaglevMember[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `http://10.0.${i >> 8}.${i & 255}:8080`,
    weight: 1,
  }));
}

function owner({ members, entries }: MaglevTable, entry: number): string {
  return members[entries[entry] ?? -1]?.name ?? assert.fail();
}

/** The part of the entries that another member has. */
function movedBetween(before: MaglevTable, after: MaglevTable): number {
  let moved = 0;
  for (let entry = 0; entry < TABLE_SIZE; entry++) {
    if (owner(before, entry) !== owner(after, entry)) moved++;
  }
  return moved / TABLE_SIZE;
}

function entriesOf({ members, entries }: MaglevTable): number[] {
  const counts = members.map(() => 0);
  for (const member of entries) counts[member] = (counts[member] ?? 0) + 1;
  return counts;
}

describe('a Maglev table', () => {
  it('gives 100 members a million keys so evenly that none has 5 % more than the average', () => {
    const { entries } = maglevTable(membersOf(100), null);
    const counts = new Float64Array(100);
    const hash = new TextHash(1);
    for (let key = 0; key < 1_000_000; key++) {
      hash.of(`user-${key}`);
      const member = entries[hash.first % TABLE_SIZE] ?? assert.fail();
      counts[member] = (counts[member] ?? 0) + 1;
    }
    assert.ok(Math.max(...counts) <= 1.05 * 10_000, `${Math.max(...counts)}`);
  });

  for (const count of [2, 3, 10, 100, 1000]) {
    it(`moves hardly more than the keys of the one of ${count} that goes`, (t) => {
      const members = membersOf(count);
      const before = maglevTable(members, null);
      const after = maglevTable(members.toSpliced(count >> 1, 1), before);
      const moved = movedBetween(before, after);
      t.diagnostic(`${(100 * moved).toFixed(2)} % moved`);
      assert.ok(moved <= 1 / count + 0.05);
    });
  }

  it('is the same whatever the order of its members', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(weights, fc.nat(), (weights, turn) => {
        const members = membersOf(weights.length).map((m, i) => ({ ...m, weight: weights[i] ?? 1 }));
        const cut = turn % members.length;
        const turned = [...members.slice(cut), ...members.slice(0, cut)].toReversed();
        assert.deepEqual(maglevTable(members, null), maglevTable(turned, null));
      }),
      { numRuns: 20 },
    );
  });

  it('is kept while members and weights are the same', () => {
    const before = maglevTable(membersOf(5), null);
    assert.equal(maglevTable(membersOf(5).toReversed(), before), before);
    assert.notEqual(maglevTable(membersOf(6), before), before);
    assert.notEqual(
      maglevTable([...membersOf(4), { name: 'http://10.0.0.4:8080', weight: 2 }], before),
      before,
    );
  });

  for (const weights of [
    [1, 1],
    [9, 1],
    [5, 3, 2],
    [0.5, 1.5],
    [1, 10_000],
  ]) {
    it(`has entries in proportion to the weights ${weights.join('/')}`, () => {
      const table = maglevTable(
        membersOf(weights.length).map((m, i) => ({ ...m, weight: weights[i] ?? 0 })),
        null,
      );
      const total = weights.reduce((a, b) => a + b);
      entriesOf(table).forEach((count, i) => {
        assert.ok(Math.abs(count - (TABLE_SIZE * (weights[i] ?? 0)) / total) <= 2, `${count}`);
      });
    });
  }

  it('is whole when one member outweighs thousands', () => {
    const members = membersOf(3000).map((m, i) => ({ ...m, weight: i === 7 ? 1_000_000 : 1 }));
    const table = maglevTable(members, null);
    const place = table.members.findIndex(({ weight }) => weight > 1);
    assert.ok((entriesOf(table)[place] ?? 0) > 0.99 * TABLE_SIZE);
  });

  it('takes a name that is given twice once', () => {
    const [member] = membersOf(1);
    assert.ok(member !== undefined);
    assert.equal(maglevTable([member, member], null).members.length, 1);
  });
});
