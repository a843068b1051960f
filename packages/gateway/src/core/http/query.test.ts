import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { onlyParameters, parameterCount, queryPairs, queryValues, withoutParameter } from './query.ts';

describe('a parameter of a query', () => {
  const table: readonly (readonly [query: string, values: readonly (string | null)[]])[] = [
    ['?key=1', ['1']],
    ['?a=0&key=1&b=2', ['1']],
    ['?key', ['']],
    ['?key=', ['']],
    ['?key=a=b', ['a=b']],
    ['?key=1&key=2', ['1', '2']],
    ['?key=a%2Fb%2f+c%2B', ['a/b/ c+']],
    ['?key=%C3%A4', ['\u00c3\u00a4']],
    ['?k%65y=1', ['1']],
    ['?key=%', [null]],
    ['?key=%4', [null]],
    ['?key=%zz', [null]],
    ['?key%=1', []],
    ['?KEY=1', []],
    ['?xkey=1', []],
    ['?a=key=1', []],
    ['?&&', []],
    ['?', []],
    ['', []],
  ];
  for (const [query, values] of table) {
    it(`is found in ${query} as ${JSON.stringify(values)}`, () => {
      assert.deepEqual(queryValues(query, 'key'), values);
    });
  }

  it('is what a form decoder finds, as far as it is text', () => {
    const part = fc.string({
      unit: fc.constantFrom('k', 'e', 'y', '+', '%20', '%6B', '%2B', '=', '&'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(part, fc.constantFrom('key', 'k', 'y k', ''), (text, name) => {
        const query = text === '' ? '' : `?${text}`;
        // A form decoder skips what is empty between two ampersands; a name is never empty here.
        if (name !== '') assert.deepEqual(queryValues(query, name), new URLSearchParams(query).getAll(name));
      }),
    );
  });
});

describe('a query without a parameter', () => {
  const table = [
    ['?key=1', ''],
    ['?key=1&a=0', '?a=0'],
    ['?a=0&key=1&b=%zz&k%65y=2', '?a=0&b=%zz'],
    ['?a=key&&b', '?a=key&&b'],
    ['?key=%zz', ''],
    ['?', '?'],
    ['', ''],
  ] as const;
  for (const [query, left] of table) {
    it(`is ${JSON.stringify(left)} for ${query}`, () => assert.equal(withoutParameter(query, 'key'), left));
  }

  it('has no such parameter, and all others', () => {
    const part = fc.string({
      unit: fc.constantFrom('k', 'e', 'y', '+', '%6B', '%', '=', '&', 'x'),
      maxLength: 16,
    });
    fc.assert(
      fc.property(part, (text) => {
        const left = withoutParameter(`?${text}`, 'key');
        assert.deepEqual(queryValues(left, 'key'), []);
        assert.deepEqual(queryValues(left, 'x'), queryValues(`?${text}`, 'x'));
      }),
    );
  });
});

describe('the number of parameters of a query', () => {
  const table = [
    ['', 0],
    ['?', 0],
    ['?a', 1],
    ['?a=1&b=2', 2],
    ['?&&a&&b&', 2],
    ['?=', 1],
    ['?a=b?c;d', 1],
  ] as const;
  for (const [query, count] of table) {
    it(`is ${count} for ${JSON.stringify(query)}`, () => assert.equal(parameterCount(query), count));
  }

  it('is what a form decoder finds', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '&', '=', '+', '%41', ';', '?'), maxLength: 16 });
    fc.assert(
      fc.property(part, (text) => {
        assert.equal(parameterCount(`?${text}`), new URLSearchParams(`?${text}`).size);
      }),
    );
  });
});

describe('some parameters of a query', () => {
  const table: readonly (readonly [query: string, kept: string])[] = [
    ['?key=1', '?key=1'],
    ['?a=0&key=1&b=2&k%65y=%4', '?key=1&k%65y=%4'],
    ['?a=0', ''],
    ['?key%=1&&', ''],
    ['?', ''],
    ['', ''],
  ];
  for (const [query, kept] of table) {
    it(`leaves ${JSON.stringify(kept)} of ${query}`, () => {
      assert.equal(
        onlyParameters(query, (name) => name === 'key'),
        kept,
      );
    });
  }
});

describe('the pairs of a query', () => {
  const table: readonly (readonly [query: string, pairs: readonly (readonly [string, string])[]])[] = [
    [
      '?a=1&b=x+y%26&a',
      [
        ['a', '1'],
        ['b', 'x y&'],
        ['a', ''],
      ],
    ],
    [
      '?&a=b=c&=d&',
      [
        ['a', 'b=c'],
        ['', 'd'],
      ],
    ],
    ['?%=%4', [['%', '%4']]],
    ['', []],
  ];
  for (const [query, pairs] of table) {
    it(`of ${query} are ${JSON.stringify(pairs)}`, () => assert.deepEqual(queryPairs(query), pairs));
  }
});
