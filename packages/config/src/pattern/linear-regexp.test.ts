import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { PatternProblem } from './ecma-syntax.ts';
import { linearRegExp } from './linear-regexp.ts';
import { isPlainPattern } from './plain-pattern.ts';

describe('linearRegExp', () => {
  const table: readonly (readonly [
    pattern: string,
    matches: readonly string[],
    others: readonly string[],
  ])[] = [
    ['^[a-z]+$', ['abc'], ['', 'aB', 'abc\n']],
    ['b', ['abc'], ['ac']],
    ['^.$', ['a', '😀'], ['', '\n', '\u2028', 'ab']],
    ['^\\s$', [' ', '\t', '\u00a0', '\ufeff', '\u2028'], ['a']],
    ['^(?:\\S)$', ['a', '😀'], [' ', '\u00a0']],
    ['^[\\s,]+$', [' ,\u3000'], ['a']],
    ['^[^\\S]+$', ['\u00a0'], ['a']],
    ['^(?:\\u0041|\\x42|\\cA|\\0)$', ['A', 'B', '\u0001', '\0'], ['C']],
    ['^(?:\\u{1F600}|\\uD83D\\uDE01)$', ['😀', '😁'], ['a']],
    ['^\\p{Letter}+$', ['aÄß'], ['a1']],
    ['^\\p{Script=Greek}\\P{L}$', ['α1'], ['a1', 'αα']],
    ['^[\\p{Lu}\\d]+$', ['A1Ä'], ['a']],
    ['^\\p{ASCII}+$', ['ab'], ['ä']],
    ['^(?:[^])$', ['\n', 'a'], ['']],
    ['a[]', [], ['a', 'a[]']],
    ['^[[:alpha:]]$', ['[]', 'a]'], ['b']],
    ['^[\\w-.]+$', ['a-b.c'], ['a/b']],
    ['^[\\b]$', ['\b'], ['b']],
    ['\\bcat\\b', ['a cat'], ['cats']],
    ['^(?<year>\\d{4})-\\d\\d$', ['2024-01'], ['24-01']],
    ['^a\\-b\\/c\\_$', ['a-b/c_'], ['a-b/c']],
    ['^a{2,}?b$', ['aab'], ['ab']],
    ['x{,3}', ['x{,3}'], ['xxx']],
    ['^.{1,5000}$', ['a'.repeat(5000)], ['a'.repeat(5001)]],
  ];
  for (const [pattern, matches, others] of table) {
    it(`reads ${pattern} as ECMA-262 has it`, () => {
      const { length } = matches.filter((text) => linearRegExp(pattern).test(text));
      assert.equal(length, matches.length);
      assert.deepEqual(
        others.filter((text) => linearRegExp(pattern).test(text)),
        [],
      );
    });
  }

  for (const pattern of ['(a)\\1', '(?<n>a)\\k<n>', 'a(?=b)', '(?!a)b', '(?<=a)b', '(?<!a)b']) {
    it(`refuses ${pattern}, which takes exponential time`, () => {
      assert.throws(() => linearRegExp(pattern), /exponential time/);
    });
  }

  for (const pattern of ['(', '[a', '\\', '\\q', '\\u12', '\\p{Nope}', '\\p', '(?i)a', 'a**', '(?a)']) {
    it(`refuses ${pattern}, which is none`, () => {
      assert.throws(() => linearRegExp(pattern), PatternProblem);
    });
  }

  it('agrees with the engine of JavaScript, whichever engine it takes itself', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\d', '\\s', '(?:ab|b)', '-');
    const piece = fc
      .tuple(atom, fc.constantFrom('', '?', '*', '+', '{2}', '{1,2}', '??'))
      .map((parts) => parts.join(''));
    const pattern = fc
      .tuple(fc.constantFrom('', '^'), fc.array(piece, { maxLength: 5 }), fc.constantFrom('', '$'))
      .map(([start, pieces, end]) => `${start}${pieces.join('')}${end}`);
    const text = fc.array(fc.constantFrom('a', 'b', '1', ' ', '-', '\n', '\u00a0', 'é'), { maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (source, characters) => {
        const sample = characters.join('');
        assert.equal(linearRegExp(source).test(sample), new RegExp(source, 'u').test(sample));
      }),
      { numRuns: 500 },
    );
  });
});

describe('isPlainPattern', () => {
  for (const pattern of [
    '^abc$',
    '^[a-z0-9-]{1,63}$',
    '^\\d{4}-\\d{2}-\\d{2}$',
    '^.*$',
    '^[^@]+@',
    '^\\$.$',
    '^[\\]]x?$',
  ])
    it(`is ${pattern}`, () => assert.ok(isPlainPattern(pattern)));

  for (const pattern of [
    'abc',
    '^a*b*$',
    '^(a)$',
    '^a|b$',
    '^a{300}$',
    '^\\bx$',
    '^[a-z]+[0-9]?$',
    '^(?:a+)+$',
    '^\\p{L}$',
  ])
    it(`is not ${pattern}`, () => assert.ok(!isPlainPattern(pattern)));
});
