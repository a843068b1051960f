import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { random } from '../../../core/random.ts';
import { parseDictionary, parseList, stringItem, type Member } from './structured-fields.ts';

const TRUE: Member = { kind: 'boolean', value: true };
const integer = (value: number): Member => ({ kind: 'integer', value });
const string = (value: string): Member => ({ kind: 'string', value });

const dictionaries: readonly (readonly [
  section: string,
  text: string,
  members: Readonly<Record<string, Member>> | null,
])[] = [
  ['RFC 9651 §4.2.2', '', {}],
  ['RFC 9651 §4.2.2', '  ', {}],
  ['RFC 9651 §4.2.2', 'a', { a: TRUE }],
  ['RFC 9651 §4.2.2', 'a=1,b , *c=?0', { a: integer(1), b: TRUE, '*c': { kind: 'boolean', value: false } }],
  ['RFC 9651 §4.2.2', 'a=1, a=2', { a: integer(2) }],
  ['RFC 9651 §4.2.2', 'a;x=1;y, b=2;z', { a: TRUE, b: integer(2) }],
  ['RFC 9651 §4.2.2', 'a,', null],
  ['RFC 9651 §4.2.2', 'a b', null],
  ['RFC 9651 §4.2.3.3', 'A', null],
  ['RFC 9651 §4.2.2', 'a =1', null],
  ['RFC 9651 §4.2.2', 'a= 1', null],
  ['RFC 9651 §4.2.2', '&&&&', null],
  [
    'RFC 9651 §4.2.1.2',
    'a=("b" c;d 1)',
    {
      a: {
        kind: 'list',
        items: [
          { kind: 'string', value: 'b' },
          { kind: 'token', value: 'c' },
          { kind: 'integer', value: 1 },
        ],
      },
    },
  ],
  ['RFC 9651 §4.2.1.2', 'a=(  )', { a: { kind: 'list', items: [] } }],
  ['RFC 9651 §4.2.1.2', 'a=("b""c")', null],
  ['RFC 9651 §4.2.1.2', 'a=("b"', null],
  ['RFC 9651 §4.2.1.2', 'a=(("b"))', null],
  ['RFC 9651 §4.2.4', 'a=-999999999999999', { a: integer(-999999999999999) }],
  ['RFC 9651 §4.2.4', 'a=1234567890123456', null],
  ['RFC 9651 §4.2.4', 'a=1.5', { a: { kind: 'decimal', value: 1.5 } }],
  ['RFC 9651 §4.2.4', 'a=1.', null],
  ['RFC 9651 §4.2.4', 'a=1.2345', null],
  ['RFC 9651 §4.2.4', 'a=-', null],
  ['RFC 9651 §4.2.5', 'a="b\\"c\\\\"', { a: string('b"c\\') }],
  ['RFC 9651 §4.2.5', 'a="b\\c"', null],
  ['RFC 9651 §4.2.5', 'a="b', null],
  ['RFC 9651 §4.2.5', 'a="\xe9"', null],
  ['RFC 9651 §4.2.6', 'a=b/c:d', { a: { kind: 'token', value: 'b/c:d' } }],
  ['RFC 9651 §4.2.7', 'a=:cHJldGVuZA==:', { a: { kind: 'other' } }],
  ['RFC 9651 §4.2.8', 'a=?2', null],
  ['RFC 9651 §4.2.9', 'a=@1659578233', { a: { kind: 'other' } }],
  ['RFC 9651 §4.2.10', 'a=%"f%c3%bc"', { a: { kind: 'other' } }],
  ['bounded', `a="${'b'.repeat(9000)}"`, null],
];

describe('parseDictionary', () => {
  for (const [section, text, members] of dictionaries) {
    it(`reads ${JSON.stringify(text.slice(0, 40))} (${section})`, () => {
      const found = parseDictionary(text);
      assert.deepEqual(found === null ? null : Object.fromEntries(found), members);
    });
  }
});

describe('parseList', () => {
  it('reads what comes twice twice (RFC 9651 §4.2.1)', () => {
    assert.deepEqual(parseList('"a", "a";x,b'), [string('a'), string('a'), { kind: 'token', value: 'b' }]);
    assert.equal(parseList('"a",'), null);
    assert.deepEqual(parseList(''), []);
  });

  it('reads every String that is written (RFC 9651 §4.1.6)', () => {
    const { below } = random(2);
    for (let round = 0; round < 1000; round++) {
      const text = Array.from({ length: below(12) }, () => String.fromCharCode(0x20 + below(95))).join('');
      assert.deepEqual(parseList(stringItem(text)), [string(text)]);
    }
    assert.equal(stringItem('é\n'), '"??"');
  });
});
