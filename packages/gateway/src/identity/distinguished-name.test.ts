import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { certificate, CN, O, OU, type TestAttribute } from './certificate-testing.ts';
import { canonicalName, canonicalNameOfLines } from './distinguished-name.ts';

type Subject = readonly (readonly TestAttribute[])[];

function subjectOf(subject: Subject): string | null {
  return canonicalNameOfLines(new X509Certificate(certificate({ subject })).subject);
}

describe('a distinguished name', () => {
  const same: readonly (readonly [string, Subject])[] = [
    ['CN=warehouse,O=Example', [[[O, 'Example']], [[CN, 'warehouse']]]],
    ['cn=warehouse, o = Example ', [[[O, 'Example']], [[CN, 'warehouse']]]],
    ['2.5.4.3=warehouse,2.5.4.10=Example', [[[O, 'Example']], [[CN, 'warehouse']]]],
    [
      'CN=a+OU=b,O=c',
      [
        [[O, 'c']],
        [
          [OU, 'b'],
          [CN, 'a'],
        ],
      ],
    ],
    [String.raw`CN=a\, b\+c\"\\\;\<\>`, [[[CN, String.raw`a, b+c"\;<>`]]]],
    [String.raw`CN=\ a\ `, [[[CN, ' a ']]]],
    [String.raw`CN=\#a`, [[[CN, '#a']]]],
    [String.raw`CN=L\C3\A4den`, [[[CN, 'Läden']]]],
    ['CN=Läden', [[[CN, 'Läden']]]],
    ['CN=a=b', [[[CN, 'a=b']]]],
    ['E=a@b.example', [[['1.2.840.113549.1.9.1', 'a@b.example']]]],
    ['1.2.3.4=x', [[['1.2.3.4', 'x']]]],
  ];
  for (const [text, subject] of same) {
    it(`${text} is that of the certificate`, () => {
      assert.notEqual(canonicalName(text), null);
      assert.equal(canonicalName(text), subjectOf(subject));
    });
  }

  const other: readonly (readonly [string, Subject])[] = [
    ['O=Example,CN=warehouse', [[[O, 'Example']], [[CN, 'warehouse']]]],
    ['CN=warehouse', [[[O, 'Example']], [[CN, 'warehouse']]]],
    ['CN=Warehouse', [[[CN, 'warehouse']]]],
    ['CN=a,O=b', [[[CN, 'a,O=b']]]],
    ['CN=a,O=b', [[[CN, 'O=b\nCN=a']]]],
    ['CN=a,O=b', [[[CN, 'a\nO=b']]]],
    ['CN=a+O=b', [[[CN, 'a + O=b']]]],
    ['CN=a+O=b', [[[O, 'b']], [[CN, 'a']]]],
    ['CN=a', [[[CN, 'a\u0000']]]],
    ['CN=a', [[[CN, 'a ']]]],
    ['CN=warehouse', [[[OU, 'warehouse']]]],
  ];
  for (const [text, subject] of other) {
    it(`${text} is not that of ${JSON.stringify(subject)}`, () => {
      assert.notEqual(canonicalName(text), subjectOf(subject));
    });
  }

  for (const text of ['', 'warehouse', 'CN=a,', ',CN=a', '=a', String.raw`CN=\C3`, 'CN=a,O']) {
    it(`is not ${JSON.stringify(text)}`, () => assert.equal(canonicalName(text), null));
  }

  it('is the same whatever is in its values, and no other', () => {
    const value = fc.string({
      unit: fc.constantFrom(...Array.from('ab=,+\\"#\n ;<>ä\u0000')),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(value, value, value, (one, two, three) => {
        const name = canonicalName(`CN=${escaped(one)},O=${escaped(two)}`);
        assert.equal(name, subjectOf([[[O, two]], [[CN, one]]]));
        if (three !== two) assert.notEqual(name, subjectOf([[[O, three]], [[CN, one]]]));
      }),
      { numRuns: 60 },
    );
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[^a-z]/gu, hexPairs);
}

/** A character as the bytes of UTF-8, escaped one by one. */
function hexPairs(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
}
