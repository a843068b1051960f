import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CALLER_DEADLINE, PASSED } from './header-names.ts';
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
