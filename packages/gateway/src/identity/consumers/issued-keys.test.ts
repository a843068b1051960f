import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { compileConsumers } from './compile-consumers.ts';
import { ConsumerDirectory } from './consumer-directory.ts';
import { consumer, outcome } from './consumers-testing.ts';
import { compileIssuedKeys, IssuedKeys, type IssuedKey } from './issued-keys.ts';

const issued = (key: string, owner: string, expiresAt: number | null = null): IssuedKey => ({
  id: `id of ${key}`,
  consumer: owner,
  digest: hash('sha256', key),
  expiresAt,
});

const CLOCK = manualClock();
const holding = (...keys: readonly IssuedKey[]) => ({ current: new IssuedKeys(compileIssuedKeys(keys)) });
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

  it('is remembered until other keys are known', async () => {
    const holder = holding(issued('one', 'a'));
    const lookup = directory(['a'], holder);
    assert.equal(lookup.recall('one'), null);
    await lookup.find('one');
    assert.equal(lookup.recall('one')?.consumer, 'a');
    holder.current = holding().current;
    assert.equal(lookup.recall('one'), null);
    assert.equal(outcome(await lookup.find('one')), 'UNAUTHENTICATED unknown');
  });

  it('tells when it was used last', async () => {
    const data = compileIssuedKeys([issued('one', 'a'), issued('two', 'a')]);
    const keys = new IssuedKeys(data);
    await directory(['a'], { current: keys }).find('two');
    const uses = new Float64Array(data.uses);
    assert.equal(uses[keys.slotOf(hash('sha256', 'two', 'buffer'))], CLOCK.epoch());
    assert.equal(uses[keys.slotOf(hash('sha256', 'one', 'buffer'))], 0);
  });
});
