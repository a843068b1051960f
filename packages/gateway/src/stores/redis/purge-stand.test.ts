import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fieldsOf, purgedIn, slotsOf, standIn } from './purge-stand.ts';

/** The answer of a board on which some tags were purged. */
function answer(tags: readonly string[], purges: Readonly<Record<string, number>>, stand = ['100', '200']) {
  const fields = fieldsOf(tags).slice(2);
  const numbers = new Map<string, number>();
  for (const [purge, number] of Object.entries(purges)) {
    const [kind = '', tag = ''] = purge.split(':');
    for (const slot of slotsOf([tag])) numbers.set(`${kind}${slot}`, number);
  }
  return [...stand, ...fields.map((field) => numbers.get(field)?.toString() ?? null)];
}

describe('the stand of purges', () => {
  it('is known only when it makes sense', () => {
    assert.deepEqual(standIn(['1', '2']), { base: 1, last: 2 });
    for (const reply of [null, [], ['1'], [null, null], ['2', '1'], ['0', '1'], ['x', '1'], ['1', '1e300']])
      assert.equal(standIn(reply), null);
  });

  it('tells what became of a response since it was asked for', () => {
    const cases: readonly (readonly [Readonly<Record<string, number>>, number, string])[] = [
      [{}, 150, 'no'],
      [{ 'hard:a': 150 }, 150, 'no'],
      [{ 'hard:a': 151 }, 150, 'hard'],
      [{ 'soft:b': 151 }, 150, 'soft'],
      [{ 'soft:a': 151, 'hard:b': 160 }, 150, 'hard'],
      [{ 'soft:a': 160, 'hard:b': 140 }, 150, 'soft'],
      [{ 'hard:c': 160 }, 150, 'no'],
      [{}, 99, 'hard'],
      [{}, 100, 'no'],
      [{}, 201, 'hard'],
      [{}, NaN, 'hard'],
    ];
    for (const [purges, asOf, purged] of cases)
      assert.equal(purgedIn(answer(['a', 'b'], purges), asOf), purged, JSON.stringify([purges, asOf]));
  });

  it('counts everything as purged when it is not known', () => {
    assert.equal(purgedIn(null, 150), 'hard');
    assert.equal(purgedIn(answer(['a'], {}, ['x', 'y']), 150), 'hard');
  });

  it('rarely meets a response of other tags', () => {
    const tags = Array.from({ length: 12 }, (_, i) => `mine ${i}`);
    const purges = Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`hard:other ${i}`, 160]));
    let met = 0;
    for (let i = 0; i < 50; i++) {
      const some = tags.map((tag) => `${tag} ${i}`);
      if (purgedIn(answer(some, purges), 150) !== 'no') met++;
    }
    assert.ok(met < 5, `${met}`);
  });
});
