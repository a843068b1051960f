import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfig } from './read-config.ts';
import { isSame, keepSame } from './same.ts';
import { plainSource } from './source/source.ts';

const LISTENERS = { web: { address: '127.0.0.1:0' } };
const route = (path: string) => ({ match: { path }, respond: { body: path } });

function configOf(routes: object) {
  const { config, issues } = readConfig([plainSource('gateway.yaml', { listeners: LISTENERS, routes })]);
  assert.ok(config !== null, JSON.stringify(issues));
  return config;
}

describe('whether two parts say the same', () => {
  const SAME: readonly [unknown, unknown, boolean][] = [
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }, true],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [{ a: 1, b: undefined }, { a: 1 }, false],
    [{ toString: 1 }, {}, false],
    [[], {}, false],
    [['a'], { 0: 'a' }, false],
    [['a', 'b'], ['b', 'a'], false],
    [Number.NaN, Number.NaN, true],
    [null, {}, false],
    ['1', 1, false],
  ];
  for (const [one, other, expected] of SAME)
    it(`${JSON.stringify(one)} and ${JSON.stringify(other)}: ${expected}`, () =>
      assert.equal(isSame(one, other), expected));
});

describe('a configuration after another one', () => {
  it('is made of the parts that say the same', () => {
    const before = configOf({ a: route('/a'), b: route('/b') });
    const after = configOf({ a: route('/a'), b: route('/c') });
    const kept = keepSame(before, after);
    assert.deepEqual(kept, after);
    assert.equal(kept.routes[0], before.routes[0]);
    assert.notEqual(kept.routes[1], before.routes[1]);
    assert.equal(kept.services, before.services);
    assert.equal(kept.listeners, before.listeners);
  });

  it('has the order of the newer one', () => {
    const before = configOf({ a: route('/a'), b: route('/b') });
    const after = configOf({ b: route('/b'), a: route('/a') });
    const kept = keepSame(before, after);
    assert.deepEqual(
      kept.routes.map(({ id }) => id),
      ['b', 'a'],
    );
    assert.notEqual(kept.routes, before.routes);
  });
});
