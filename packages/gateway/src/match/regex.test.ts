import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compileRegex } from './regex.ts';

it('a hostile value does not hold the thread up, whatever the expression', () => {
  // An engine that backtracks would need longer than the universe has.
  assert.equal(compileRegex('^(a+)+$')(`${'a'.repeat(2000)}!`), false);
  assert.equal(compileRegex('^(a+)+$')('a'.repeat(2000)), true);
  assert.equal(compileRegex('(a|aa)*b')('a'.repeat(2000)), false);
});

it('a part of a value is enough, and a very long value never is', () => {
  assert.equal(compileRegex('v2')('api-v2-beta'), true);
  assert.equal(compileRegex('a')('a'.repeat(2049)), false);
});

it('what takes more than linear time is refused', () => {
  for (const source of ['(a)\\1', '(?=a)', '(?<!a)b', '('])
    assert.throws(() => compileRegex(source), `${source} should be refused`);
});
