import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkExpression, compileLineFilter } from './expression.ts';

const LINE = { path: '/a', status: 503, durationMs: 12.5, upstreamMs: null, fields: { tenant: 'blue' } };

describe('a filter for lines of the access log', () => {
  const cases: readonly [string, boolean][] = [
    ['line.status >= 500', true],
    ['line.status == 503', true],
    ['line.durationMs > 12.0', true],
    ['line.durationMs > 12', true],
    ['line.upstreamMs > 12', false],
    ['line.route == "r"', false],
    ['has(line.code) || line.fields.tenant == "blue"', true],
    ['line.path.matches("^/b")', false],
  ];
  for (const [text, expected] of cases)
    it(`${text} is ${expected}`, () => assert.equal(compileLineFilter(text)(LINE), expected));

  it('sees the line and nothing else', () => {
    assert.equal(checkExpression('line.status == 1', 'boolean', 'line'), null);
    assert.notEqual(checkExpression('request.path == "/"', 'boolean', 'line'), null);
    assert.notEqual(checkExpression('line.status == 1', 'boolean', 'response'), null);
    assert.notEqual(checkExpression('"a"', 'boolean', 'line'), null);
  });
});
