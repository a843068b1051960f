import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { emptyKeyTable, KeyTable, SameKey, writeKeyTable, type KeyEntry } from './key-table.ts';

function entry(text: string, consumer: number, expiresAtMs = Infinity): KeyEntry {
  return { digest: hash('sha256', text, 'buffer'), consumer, expiresAtMs };
}

function tableOf(...entries: readonly KeyEntry[]): KeyTable {
  return new KeyTable(writeKeyTable(entries));
}

/** A digest that differs from the others of its kind in its last byte. */
function alike(last: number): Buffer {
  return Buffer.alloc(32, 7).fill(last, 31);
}

function isSameKey(owner: number, other: number): (error: unknown) => boolean {
  return (error) => error instanceof SameKey && error.owner === owner && error.other === other;
}

describe('a table of keys', () => {
  it('has what was written, with expiry and consumer', () => {
    const entries = [entry('a', 0), entry('b', 4_000_000, 1_700_000_000_000.5), entry('c', 0)];
    const table = tableOf(...entries);
    for (const one of entries) assert.partialDeepStrictEqual(table.find(one.digest), one);
    assert.equal(table.find(entry('d', 0).digest), null);
    assert.equal(table.isEmpty, false);
  });

  it('is empty without keys', () => {
    assert.equal(tableOf().isEmpty, true);
    assert.equal(tableOf().find(entry('a', 0).digest), null);
  });

  it('finds keys that want the same place, and none that only begin alike', () => {
    const entries = [1, 2, 3, 4].map((last) => ({
      digest: alike(last),
      consumer: last,
      expiresAtMs: Infinity,
    }));
    const table = tableOf(...entries);
    for (const one of entries) assert.partialDeepStrictEqual(table.find(one.digest), one);
    assert.equal(table.find(alike(5)), null);
  });

  it('does not take a key of two consumers, and says whose it is', () => {
    assert.throws(() => tableOf(entry('a', 3), entry('b', 4), entry('a', 5)), isSameKey(3, 5));
    assert.partialDeepStrictEqual(
      tableOf(entry('a', 3), entry('a', 3, 9)).find(entry('a', 3).digest),
      entry('a', 3, 9),
    );
  });

  it('has all of many keys, and no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { maxLength: 300 }), fc.nat(), (numbers, other) => {
        const table = tableOf(...numbers.map((n) => entry(`${n}`, n)));
        for (const n of numbers) assert.equal(table.find(entry(`${n}`, 0).digest)?.consumer, n);
        assert.equal(table.find(entry(`${other}`, 0).digest) !== null, numbers.includes(other));
      }),
    );
  });

  it('gives nobody the key of somebody else that comes into the free slot just looked at', (t) => {
    const table = emptyKeyTable(1);
    const [asked, other] = [alike(1), alike(2)];
    const load = t.mock.method(Atomics, 'load');
    // After the look at the slot, as another thread could.
    load.mock.mockImplementationOnce((): never => {
      load.mock.restore();
      table.add({ digest: other, expiresAtMs: Infinity, consumer: 7 });
      return 0 as never;
    });
    assert.equal(table.find(asked), null);
    assert.equal(table.find(other)?.consumer, 7);
  });
});
