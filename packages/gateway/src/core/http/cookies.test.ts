import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { headersOf, type Headers } from '../headers.ts';
import { cookieValue, cookieValues, deleteCookies } from './cookies.ts';

function headers(...fields: readonly string[]): Headers {
  return headersOf(['Accept', '*/*'], ...fields.map((value) => ['Cookie', value] as const));
}

describe('a cookie', () => {
  const table: readonly (readonly [fields: readonly string[], values: readonly string[]])[] = [
    [['id=1'], ['1']],
    [['a=0; id=1; b=2'], ['1']],
    [['a=0;id=1;b=2'], ['1']],
    [['  id=1 ;\tb=2'], ['1']],
    [['id='], ['']],
    [['id=a=b'], ['a=b']],
    [['id="1"'], ['1']],
    [['id=""'], ['']],
    [['id="'], ['"']],
    [['id="1'], ['"1']],
    [['id=1; id=2'], ['1', '2']],
    [
      ['a=0', 'id=1', 'id=2'],
      ['1', '2'],
    ],
    [['id=\u00a01\u00a0'], ['\u00a01\u00a0']],
    [['ID=1'], []],
    [['id'], []],
    [['xid=1'], []],
    [['id =1'], []],
    [['a=id=1'], []],
    [['a="; id=1"'], ['1"']],
    [[';;; ;'], []],
    [[''], []],
    [[], []],
  ];
  for (const [fields, values] of table) {
    it(`is found in ${JSON.stringify(fields)} as ${JSON.stringify(values)}`, () => {
      assert.deepEqual(cookieValues(headers(...fields), 'id'), values);
      assert.equal(cookieValue(headers(...fields), 'id'), values[0]);
    });
  }
});

describe('cookies that have to go', () => {
  const table: readonly (readonly [fields: readonly string[], left: readonly string[]])[] = [
    [['id=1'], []],
    [['a=0; id=1; b="2"'], ['a=0; b="2"']],
    [['id=1; id=2;  a=0'], ['a=0']],
    [
      ['id=1', 'a=0; id=2', 'b=2'],
      ['a=0', 'b=2'],
    ],
    [['a=0;b=1'], ['a=0;b=1']],
    [['id; a=0'], ['id; a=0']],
    [[], []],
  ];
  for (const [fields, left] of table) {
    it(`leave ${JSON.stringify(left)} of ${JSON.stringify(fields)}`, () => {
      const request = headers(...fields);
      deleteCookies(request, (name) => name === 'id');
      assert.deepEqual(request, headers(...left));
    });
  }

  it('leave a field alone that others share, and its lines if nothing is taken', () => {
    const request = headers('a=0; id=1');
    const other = request.share();
    deleteCookies(request, (name) => name === 'id');
    assert.equal(other.get('cookie'), 'a=0; id=1');
    assert.equal(request.get('cookie'), 'a=0');
    assert.match(request.endToEndLines(), /^Accept: \*\/\*\r\nCookie: a=0\r\n$/);
  });

  it('are not found any more, whatever else there is', () => {
    const field = fc.string({ unit: fc.constantFrom(...Array.from('id=; "\t,x')), maxLength: 20 });
    fc.assert(
      fc.property(fc.array(field, { maxLength: 3 }), (fields) => {
        const request = headers(...fields);
        deleteCookies(request, (name) => name === 'id');
        assert.deepEqual(cookieValues(request, 'id'), []);
      }),
    );
  });
});
