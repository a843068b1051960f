import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { compileConsumers } from './compile-consumers.ts';
import { ConsumerDirectory } from './consumer-directory.ts';
import { consumer, outcome } from './consumers-testing.ts';
import { IssuedKeyDesk } from '../../threads/issued-key-desk.ts';
import { IssuedKeys, type IssuedKey } from './issued-keys.ts';

const issued = (key: string, owner: string, expiresAt: number | null = null): IssuedKey => ({
  id: `id of ${key}`,
  consumer: owner,
  digest: hash('sha256', key),
  expiresAt,
});

const CLOCK = manualClock();

/** What a thread holds, and the desk that tells it. */
function holding(...keys: readonly IssuedKey[]) {
  const holder: { current: IssuedKeys | null } = { current: null };
  let published = 0;
  const desk = new IssuedKeyDesk((data) => {
    holder.current = new IssuedKeys(data);
    published++;
  });
  desk.use(keys);
  return Object.assign(holder, { desk, published: () => published });
}
const directory = (names: readonly string[], holder: { current: IssuedKeys | null }) =>
  new ConsumerDirectory(compileConsumers(names.map((name) => consumer(name))), CLOCK, { issued: holder })
    .byKey;

describe('a key that was issued', () => {
  it('is its consumer’s, wherever that stands in the configuration', async () => {
    const holder = holding(issued('one', 'b'), issued('two', 'a'));
    for (const names of [
      ['a', 'b'],
      ['x', 'b', 'a'],
      ['b', 'a', 'c'],
    ]) {
      assert.equal(outcome(await directory(names, holder).find('one')), 'b');
      assert.equal(outcome(await directory(names, holder).find('two')), 'a');
    }
  });

  it('is nobody’s when its consumer is gone, or when it has expired', async () => {
    const holder = holding(issued('one', 'gone'), issued('old', 'a', CLOCK.epoch()));
    assert.equal(outcome(await directory(['a'], holder).find('one')), 'UNAUTHENTICATED unknown');
    assert.equal(outcome(await directory(['a'], holder).find('old')), 'UNAUTHENTICATED expired');
  });

  it('is remembered until it is another, or gone, whatever becomes of others', async () => {
    const [one, two] = [issued('one', 'a'), issued('two', 'a')];
    const { desk, ...holder } = holding(one, two);
    const lookup = directory(['a', 'b'], holder);
    assert.equal(lookup.recall('one'), null);
    await lookup.find('one');
    desk.change({ put: [issued('three', 'b')], gone: [two] });
    assert.equal(lookup.recall('one')?.consumer, 'a');
    desk.change({ put: [{ ...one, expiresAt: CLOCK.epoch() + 1000 }], gone: [] });
    assert.equal(lookup.recall('one'), null);
    await lookup.find('one');
    desk.change({ put: [], gone: [one] });
    assert.equal(lookup.recall('one'), null);
    assert.equal(outcome(await lookup.find('one')), 'UNAUTHENTICATED unknown');
  });

  it('comes, goes and comes again in place: threads are sent nothing', async () => {
    const { desk, published, current } = holding(issued('old', 'a'));
    const lookup = directory(['a', 'b', 'c'], { current });
    const one = issued('one', 'b');
    for (const put of [[one], [{ ...one, consumer: 'c' }]]) {
      desk.change({ put, gone: [] });
      assert.equal(outcome(await lookup.find('one')), put[0]?.consumer);
      desk.change({ put: [], gone: put });
      assert.equal(outcome(await lookup.find('one')), 'UNAUTHENTICATED unknown');
    }
    assert.equal(published(), 1);
  });

  it('belongs to whoever had it first, if somebody else brings the same', async () => {
    const { desk, current } = holding(issued('one', 'a'));
    const other = { ...issued('one', 'b'), id: 'other' };
    desk.change({ put: [other], gone: [] });
    desk.change({ put: [], gone: [other] });
    assert.equal(outcome(await directory(['a', 'b'], { current }).find('one')), 'a');
  });

  it('is there after the table has grown, with what is known of its use', async () => {
    const holder = holding(issued('first', 'a'), issued('gone', 'a'));
    await directory(['a'], holder).find('first');
    assert.deepEqual([...holder.desk.takeUses()], [['id of first', CLOCK.epoch()]]);
    holder.desk.change({ put: [], gone: [issued('gone', 'a')] });
    const many = Array.from({ length: 3000 }, (_, i) => issued(`key ${i}`, `owner ${i}`));
    holder.desk.change({ put: many, gone: [] });
    assert.ok(holder.published() > 1);
    const lookup = directory(['a', ...many.map(({ consumer: name }) => name)], holder);
    for (const [i, { consumer: owner }] of many.entries())
      assert.equal(outcome(await lookup.find(`key ${i}`)), owner);
    assert.equal(outcome(await lookup.find('first')), 'a');
    assert.equal(outcome(await lookup.find('gone')), 'UNAUTHENTICATED unknown');
    assert.equal(holder.desk.takeUses().size, many.length);
    assert.equal(holder.desk.takeUses().size, 0);
  });

  it('tells when it was used last', async () => {
    const { desk, ...holder } = holding(issued('one', 'a'), issued('two', 'a'));
    await directory(['a'], holder).find('two');
    assert.deepEqual([...desk.takeUses()], [['id of two', CLOCK.epoch()]]);
    assert.equal(desk.takeUses().size, 0);
  });
});
