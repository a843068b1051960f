import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { shapeFault } from './json-shape.ts';

describe('the shape of a JSON text', () => {
  for (const [text, fault] of [
    ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]}', null],
    ['{"a":1,"a":2}', 'duplicate-name'],
    ['{"a":1,"\\u0061":2}', 'duplicate-name'],
    ['{"x":{"a":"a","b":"a"}}', null],
    ['{"x":["a","a"],"y":"x"}', null],
    ['{"x":"\\"","y":"\\\\","x":1}', 'duplicate-name'],
    ['{"__proto__":1,"constructor":2}', null],
    ['[[[[1]]]]', 'too-deep'],
    ['[{"a":[1]}]', null],
    ['"{{{{[[[["', null],
  ] as const)
    it(`finds ${fault ?? 'nothing'} in ${text}`, () => assert.equal(shapeFault(text, 3), fault));

  it('finds nothing in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => shapeFault(JSON.stringify(value), 64) === null),
    );
  });
});
