import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isKnown, unmet } from './preconditions.ts';

const withHeaders = (headers: Readonly<Record<string, string>>) => (name: string) => headers[name];

describe('preconditions of a change', () => {
  const cases: readonly [Readonly<Record<string, string>>, string | null, boolean][] = [
    [{}, null, true],
    [{}, '"1"', true],
    [{ 'if-match': '"1"' }, '"1"', true],
    [{ 'if-match': '"0", "1"' }, '"1"', true],
    [{ 'if-match': 'W/"1"' }, '"1"', true],
    [{ 'if-match': '*' }, '"1"', true],
    [{ 'if-match': '*' }, null, false],
    [{ 'if-match': '"1"' }, null, false],
    [{ 'if-match': '"2"' }, '"1"', false],
    [{ 'if-match': '' }, '"1"', false],
    [{ 'if-match': '1' }, '"1"', false],
    [{ 'if-none-match': '*' }, null, true],
    [{ 'if-none-match': '*' }, '"1"', false],
    [{ 'if-none-match': '"2"' }, '"1"', true],
    [{ 'if-none-match': '"1"' }, '"1"', false],
    [{ 'if-match': '"1"', 'if-none-match': '*' }, '"1"', false],
  ];
  for (const [headers, etag, isMet] of cases) {
    it(`${JSON.stringify(headers)} is ${isMet ? '' : 'not '}met at ${String(etag)}`, () => {
      const refused = unmet(withHeaders(headers), etag);
      assert.equal(refused === null, isMet);
      if (refused !== null) assert.equal(refused.status, 412);
    });
  }

  it('of a reader say whether they have it', () => {
    assert.equal(isKnown(withHeaders({ 'if-none-match': 'W/"1"' }), '"1"'), true);
    assert.equal(isKnown(withHeaders({ 'if-none-match': '"2"' }), '"1"'), false);
    assert.equal(isKnown(withHeaders({}), '"1"'), false);
  });
});
