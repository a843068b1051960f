import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fields } from './rules-testing.ts';
import { variantText, varyingFields } from './vary.ts';

describe('varyingFields', () => {
  const many = Array.from({ length: 17 }, (_, i) => `x-${i}`).join();
  const table: readonly (readonly [lines: readonly string[], names: readonly string[] | null])[] = [
    [[], []],
    [['Vary: '], []],
    [['Vary: Foo'], ['foo']],
    [['Vary: Foo, Bar , ,foo'], ['bar', 'foo']],
    [
      ['Vary: Foo', 'Vary: Bar'],
      ['bar', 'foo'],
    ],
    [['Vary: *'], null],
    [['Vary: *, *'], null],
    [['Vary: , *'], null],
    [['Vary: ', 'Vary: *'], null],
    [['Vary: *, Foo'], null],
    [['Vary: Foo, *'], null],
    [['Vary: a b'], null],
    [[`Vary: ${many}`], null],
  ];
  for (const [lines, names] of table) {
    it(`finds ${JSON.stringify(names)} in ${JSON.stringify(lines)} (RFC 9110 §12.5.5)`, () => {
      assert.deepEqual(varyingFields(fields(...lines)), names);
    });
  }
});

type Row = readonly [section: string, name: string, one: readonly string[], other: readonly string[]];

const same: readonly Row[] = [
  ['RFC 9111 §4.1', 'foo', [], []],
  ['RFC 9110 §5.2', 'foo', ['Foo: 1, 2'], ['Foo: 1', 'Foo: 2']],
  ['RFC 9110 §5.6.1', 'foo', ['Foo: 1,2'], ['Foo:  1, 2 ']],
  ['RFC 9110 §5.6.4', 'foo', ['Foo: "a, b",c'], ['Foo: "a, b" ,  c']],
  ['RFC 9110 §12.5.3', 'accept-encoding', ['Accept-Encoding: gzip, br'], ['Accept-Encoding: BR;q=0.5,gzip']],
  ['RFC 9110 §12.5.3', 'accept-encoding', ['Accept-Encoding: gzip'], ['Accept-Encoding: x-gzip, br;q=0']],
  ['RFC 9110 §12.5.3', 'accept-encoding', ['Accept-Encoding: gzip'], ['Accept-Encoding: gzip;q=1.000, gzip']],
  ['RFC 9110 §12.5.4', 'accept-language', ['Accept-Language: en, de'], ['Accept-Language: de, en']],
  ['RFC 9110 §12.5.4', 'accept-language', ['Accept-Language: en, de'], ['Accept-Language: eN, De']],
  ['RFC 9110 §12.5.4', 'accept-language', ['Accept-Language: en, de'], ['Accept-Language:  en ,   de']],
  [
    'RFC 9110 §12.4.2',
    'accept-language',
    ['Accept-Language: de;q=0.50, en'],
    ['Accept-Language: en;q=1,de; q=0.5'],
  ],
];

const different: readonly Row[] = [
  ['RFC 9111 §4.1', 'foo', [], ['Foo: 1']],
  ['RFC 9111 §4.1', 'foo', [], ['Foo: ']],
  ['RFC 9111 §4.1', 'foo', ['Foo: 1'], ['Foo: 2']],
  ['RFC 9110 §5.6.4', 'foo', ['Foo: "a, b"'], ['Foo: "a,b"']],
  ['RFC 9110 §5.6.4', 'foo', ['Foo: "\\", a"'], ['Foo: "\\",a"']],
  ['RFC 6265 §4.2', 'cookie', ['Cookie: a=1, 2'], ['Cookie: a=1,2']],
  ['RFC 9110 §11.6.2', 'authorization', ['Authorization: a, b'], ['Authorization: a,b']],
  ['RFC 9110 §12.5.3', 'accept-encoding', ['Accept-Encoding: gzip'], ['Accept-Encoding: dcb, gzip']],
  ['RFC 9110 §12.5.3', 'accept-encoding', ['Accept-Encoding: gzip'], ['Accept-Encoding: gzip, identity;q=0']],
  ['RFC 9110 §12.5.3', 'accept-encoding', ['Accept-Encoding: gzip'], ['Accept-Encoding: gzip, *;q=0']],
  ['RFC 9110 §12.5.3', 'accept-encoding', ['Accept-Encoding: '], []],
  [
    'RFC 9110 §12.5.4',
    'accept-language',
    ['Accept-Language: en, de;q=0.5'],
    ['Accept-Language: de, en;q=0.5'],
  ],
  ['RFC 9110 §12.5.4', 'accept-language', ['Accept-Language: en;q=0.5'], ['Accept-Language: en;q=0.51']],
  ['RFC 9110 §12.4.2', 'accept-language', ['Accept-Language: en;q=2'], ['Accept-Language: en']],
];

describe('variantText', () => {
  for (const [section, name, one, other] of same) {
    it(`is the same for ${JSON.stringify(one)} and ${JSON.stringify(other)} (${section})`, () => {
      assert.equal(variantText([name], fields(...one)), variantText([name], fields(...other)));
    });
  }

  for (const [section, name, one, other] of different) {
    it(`differs for ${JSON.stringify(one)} and ${JSON.stringify(other)} (${section})`, () => {
      assert.notEqual(variantText([name], fields(...one)), variantText([name], fields(...other)));
    });
  }

  it('does not take the value of one field for that of another', () => {
    const names = ['a', 'b'];
    assert.notEqual(variantText(names, fields('A: 1')), variantText(names, fields('B: 1')));
  });
});
