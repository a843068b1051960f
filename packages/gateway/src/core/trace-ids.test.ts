import assert from 'node:assert/strict';
import { it } from 'node:test';
import { traceIds } from './trace-ids.ts';

it('gives ids that differ, over more than one pool', () => {
  const ids = traceIds();
  const traces = Array.from({ length: 2000 }, () => ids.trace());
  const spans = Array.from({ length: 2000 }, () => ids.span());
  assert.equal(new Set(traces).size, 2000);
  assert.equal(new Set(spans).size, 2000);
  assert.ok(traces.every((id) => /^[\da-f]{32}$/.test(id)));
  assert.ok(spans.every((id) => /^[\da-f]{16}$/.test(id)));
});
