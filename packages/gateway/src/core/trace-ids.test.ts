import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RANDOM, SAMPLED } from './trace-context.ts';
import { spanOf, traceIds, traceOf } from './trace-ids.ts';

it('gives ids that differ, over more than one pool', () => {
  const ids = traceIds();
  const lines = Array.from({ length: 2000 }, (_, n) => ids.line(n % 2 === 0 ? RANDOM : RANDOM | SAMPLED));
  assert.equal(new Set(lines.map(traceOf)).size, 2000);
  const spans = [...lines.map(spanOf), ...lines.map(() => ids.span())];
  assert.equal(new Set(spans).size, 4000);
  assert.ok(spans.every((id) => /^[\da-f]{16}$/.test(id)));
  for (const [n, line] of lines.entries())
    assert.match(line, n % 2 === 0 ? /^traceparent: 00-[\da-f]{32}-[\da-f]{16}-02\r\n$/ : /-03\r\n$/);
});

it('gives the next attempt a span of its own in the same trace', () => {
  const ids = traceIds();
  const line = ids.line(RANDOM);
  const next = ids.nextLine(line, RANDOM);
  assert.equal(traceOf(next), traceOf(line));
  assert.notEqual(spanOf(next), spanOf(line));
});
