import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CALLER_DEADLINE, PASSED, TRACING } from './header-names.ts';
import { headersOf } from './headers.ts';

describe('the flags of all fields', () => {
  it('are those of each of them, and of no other', () => {
    const { flags } = headersOf(['Accept', '*/*'], ['Via', '1.1 a']);
    assert.notEqual(flags & PASSED, 0);
    assert.equal(flags & CALLER_DEADLINE, 0);
    assert.equal(headersOf().flags, 0);
  });

  it('follow every change', () => {
    const headers = headersOf(['Accept', '*/*']);
    assert.equal(headers.flags & PASSED, 0);
    headers.append('Via', '1.1 a');
    assert.notEqual(headers.flags & PASSED, 0);
    headers.set('grpc-timeout', '1S').delete('via');
    assert.equal(headers.flags & PASSED, 0);
    assert.notEqual(headers.flags & CALLER_DEADLINE, 0);
  });

  it('are those of a copy, and not of what it was made of', () => {
    const headers = headersOf(['Accept', '*/*']);
    assert.equal(headers.flags & PASSED, 0);
    const copy = headers.share().append('Via', '1.1 a');
    assert.notEqual(copy.flags & PASSED, 0);
    assert.equal(headers.flags & PASSED, 0);
    assert.notEqual(copy.share().flags & PASSED, 0);
  });
});

describe('deleteFlagged', () => {
  it('takes fields out, and their lines, but no line that only ends like one', () => {
    const fields = [
      ['traceparent', 'a'],
      ['x-traceparent', 'a'],
      ['Traceparent', 'b'],
      ['Accept', '*/*'],
      ['tracestate', 'c'],
    ] as const;
    for (const isKnown of [true, false]) {
      const headers = headersOf(...fields);
      const shared = headers.share();
      if (isKnown) headers.endToEndLines();
      headers.deleteFlagged(TRACING);
      assert.equal(headers.endToEndLines(), 'x-traceparent: a\r\nAccept: */*\r\n');
      assert.equal(headers.flags & TRACING, 0);
      assert.equal(shared.size, 5);
    }
  });

  it('does not mind lines that were written another way', () => {
    const headers = headersOf(['traceparent', 'a'], ['b', 'c']);
    headers.note('traceparent:a\r\nb: c\r\n', TRACING);
    headers.deleteFlagged(TRACING);
    assert.equal(headers.endToEndLines(), 'b: c\r\n');
  });
});
