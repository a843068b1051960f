import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalisedSearch, searchRuleOf } from './no-vary-search.ts';
import { fields } from './rules-testing.ts';

/** Whether two queries are one by what a response says; null where it says nothing that counts. */
function areSame(text: string, one: string, other: string): boolean | null {
  const rule = searchRuleOf(fields(`No-Vary-Search: ${text}`));
  return rule === null ? null : normalisedSearch(one, rule) === normalisedSearch(other, rule);
}

const rows: readonly (readonly [text: string, one: string, other: string, same: boolean | null])[] = [
  ['key-order', '?a=1&b=2', '?b=2&a=1', true],
  ['key-order', '?a=1&a=2', '?a=2&a=1', false],
  ['key-order', '?a=1', '?a=2', false],
  ['key-order', '?a=%31', '?%61=1', true],
  ['key-order', '?a=x+y', '?a=x%20y', true],
  ['key-order', '?a', '?a=', true],
  ['key-order', '?a=1&&b=2', '?b=2&a=1&', true],
  ['key-order', '?a=1%26b=2', '?a=1&b=2', false],
  ['params', '?a=1', '', true],
  ['params, except=("a")', '?a=1&x=2', '?y=3&a=1', true],
  ['params, except=("a")', '?a=1', '?a=2', false],
  ['params=("utm_source" "x y")', '?a=1&utm_source=b&x+y=1', '?a=1', true],
  ['params=("utm_source")', '?a=1&b=2', '?b=2&a=1', false],
  ['params=("%61")', '?a=1', '', true],
  ['params=("a=b" "c&d")', '?a%3Db=1&c%26d=2', '', true],
  ['key-order, params=("a")', '?c=1&a=5&b=2', '?b=2&c=1', true],
  ['key-order=?0', '?a', '?a', null],
  ['params=?0', '?a', '?a', null],
  ['params=()', '?a', '?a', null],
  ['', '?a', '?a', null],
  ['params=(a)', '?a', '?a', null],
  ['params="a"', '?a', '?a', null],
  ['except=("a")', '?a', '?a', null],
  ['params=("b"), except=("a")', '?a', '?a', null],
  ['params, except=?1', '?a', '?a', null],
  ['key-order=1', '?a', '?a', null],
  ['key-order,', '?a', '?a', null],
];

describe('No-Vary-Search', () => {
  for (const [text, one, other, same] of rows) {
    it(`"${text}" says ${same} of "${one}" and "${other}" (draft-ietf-httpbis-no-vary-search §4, §6)`, () => {
      assert.equal(areSame(text, one, other), same);
    });
  }

  it('is not there', () => assert.equal(searchRuleOf(fields()), null));

  it('writes nothing that a key may not have', () => {
    const rule = searchRuleOf(fields('No-Vary-Search: key-order'));
    assert.ok(rule !== null);
    assert.match(normalisedSearch('?a=%0A%0C%00%ff%20&b=%3D', rule), /^[!-~]+$/);
  });
});
