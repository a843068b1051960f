import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { readJsonObject } from './strict-json.ts';

function read(text: string) {
  return readJsonObject(Buffer.from(text));
}

describe('readJsonObject', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 8 }), { noNullPrototype: true }),
        (value) => {
          const text = JSON.stringify(value);
          assert.equal(JSON.stringify(read(text)), JSON.stringify(JSON.parse(text)));
        },
      ),
    );
  });

  it('takes nothing that JSON.parse does not take, and gives the same', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b"',
      '1',
      '-',
      '0',
      '.5',
      'e',
      '+',
      'true',
      'null',
      ' ',
      '\\',
      '\\u0041',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = `{"x":${pieces.join('')}}`;
        const value = read(text);
        if (value !== null) assert.equal(JSON.stringify(value), JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it('allows space where RFC 8259 does', () => {
    assert.equal(JSON.stringify(read(' {\t"a" :\r[ 1 , 2.5e-1 ] ,\n"b":{ } } ')), '{"a":[1,0.25],"b":{}}');
  });

  const refused: readonly (readonly [what: string, text: string])[] = [
    ['a member that comes twice', '{"a":1,"a":1}'],
    ['a member that comes twice in two spellings', '{"a":1,"\\u0061":2}'],
    ['a member that comes twice further inside', '{"x":[{"a":1,"b":2,"a":3}]}'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}'],
    ['a list', '[1]'],
    ['a text', '"a"'],
    ['null', 'null'],
    ['nothing', ''],
    ['something after the end', '{} {}'],
    ['a byte order mark', '\uFEFF{}'],
    ['a comma at the end', '{"a":1,}'],
    ['a comma at the end of a list', '{"a":[1,]}'],
    ['a missing value', '{"a":}'],
    ['a missing colon', '{"a" 1}'],
    ['a name without quotes', '{a:1}'],
    ['single quotes', "{'a':1}"],
    ['a comment', '{/**/"a":1}'],
    ['a leading zero', '{"a":01}'],
    ['a plus', '{"a":+1}'],
    ['a point without digits', '{"a":1.}'],
    ['a number that begins with a point', '{"a":.5}'],
    ['an exponent without digits', '{"a":1e}'],
    ['a hexadecimal number', '{"a":0x10}'],
    ['a number too large to be one', '{"a":1e999}'],
    ['NaN', '{"a":NaN}'],
    ['Infinity', '{"a":-Infinity}'],
    ['a control character in a text', '{"a":"\u0001"}'],
    ['an unknown escape', '{"a":"\\x41"}'],
    ['an escape that is cut off', '{"a":"\\u00"}'],
    ['half of a surrogate pair', '{"a":"\\ud800"}'],
    ['a text that does not end', '{"a":"b'],
    ['a backslash at the end', '{"a":"\\'],
    ['a word in capitals', '{"a":True}'],
    ['nested too deeply', `{"a":${'['.repeat(16)}${']'.repeat(16)}}`],
  ];
  for (const [what, text] of refused) it(`refuses ${what}`, () => assert.equal(read(text), null));

  it('refuses bytes that are not UTF-8', () => {
    assert.equal(readJsonObject(Buffer.from('{"a":"\xff"}', 'latin1')), null);
    assert.equal(readJsonObject(Buffer.from('{"a":"\xc0\xaf"}', 'latin1')), null);
    assert.equal(readJsonObject(Buffer.from('\xff\xfe{\0}\0', 'latin1')), null);
  });

  it('reads 16 levels', () => {
    assert.notEqual(read(`{"a":${'['.repeat(15)}${']'.repeat(15)}}`), null);
  });

  it('gives objects without a prototype, at all depths', () => {
    const value = read('{"__proto__":{"isAdmin":true},"in":[{"constructor":1}]}');
    assert.deepEqual(Object.keys(value ?? {}), ['__proto__', 'in']);
    assert.equal(Object.getPrototypeOf(value), null);
    assert.equal(value?.['isAdmin'], undefined);
    assert.equal(value?.['toString'], undefined);
    const [inner] = (value?.['in'] ?? []) as object[];
    assert.equal(Object.getPrototypeOf(inner), null);
  });
});
