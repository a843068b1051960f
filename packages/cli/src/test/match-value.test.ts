import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonDifferences, matchesText } from './match-value.ts';

describe('texts that must match', () => {
  const RULES: readonly (readonly [wanted: string | number | boolean, text: string, matches: boolean])[] = [
    ['a', 'a', true],
    ['a', 'ab', false],
    [42, '42', true],
    [true, 'true', true],
    ['*', '', true],
    ['/^a.c$/', 'abc', true],
    ['/^a.c$/', 'abd', false],
    ['/b/', 'a\nb', true],
    // A path is no expression: there is nothing between its slashes, or no second one.
    ['/', '/', true],
    ['//', '//', true],
    ['/users', '/users', true],
  ];
  for (const [wanted, text, matches] of RULES)
    it(`${JSON.stringify(wanted)} ${matches ? 'is' : 'is not'} ${JSON.stringify(text)}`, () =>
      assert.equal(matchesText(wanted, text), matches));
});

describe('JSON that must match', () => {
  const value = { id: 42, name: 'Ada', tags: ['a', 'b'], inner: { on: true, none: null } };
  const RULES: readonly (readonly [wanted: unknown, places: readonly string[]])[] = [
    [value, []],
    [{ id: 42 }, []],
    [{ id: 43 }, ['.id']],
    [{ id: '42' }, ['.id']],
    [{ name: '/^A/', id: '*' }, []],
    [{ missing: '*' }, ['.missing']],
    [{ inner: { none: null, on: false } }, ['.inner.on']],
    [{ tags: ['a', '*'] }, []],
    [{ tags: ['a'] }, ['.tags']],
    [{ tags: ['b', 'b'] }, ['.tags[0]']],
    [{ inner: [] }, ['.inner']],
    [[], ['']],
  ];
  for (const [wanted, places] of RULES)
    it(`${JSON.stringify(wanted)} differs at ${JSON.stringify(places)}`, () =>
      assert.deepEqual(
        jsonDifferences(wanted, value).map(({ place }) => place),
        places,
      ));
});
