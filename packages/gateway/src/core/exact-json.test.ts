import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { numberText, parseExactly } from './exact-json.ts';

describe('JSON that is parsed exactly', () => {
  it('is written again with the digits that it had', () => {
    for (const text of ['12345678901234567890', '1.00000000000000000001', '[0.1,-5,1e+400]', '{"a":null}'])
      assert.equal(JSON.stringify(parseExactly(text)), text);
  });

  it('has numbers that are numbers where nothing is lost', () => {
    assert.deepEqual(parseExactly('{"a":[1,2.5,true,"3"]}'), { a: [1, 2.5, true, '3'] });
  });

  it('has numbers as texts for those who want them so', () => {
    assert.deepEqual(parseExactly('[1.10,{"a":12345678901234567890}]', numberText), [
      '1.10',
      { a: '12345678901234567890' },
    ]);
  });

  it('is undefined when it is none, or nested too deeply', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    for (const text of ['', '{', 'NaN', "'a'", nested(102), nested(10_000), nested(500_000)])
      assert.equal(parseExactly(text), undefined, text.slice(0, 20));
    assert.ok(Array.isArray(parseExactly(nested(100))));
  });
});
