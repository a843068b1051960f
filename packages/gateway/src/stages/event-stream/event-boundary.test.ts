import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { EventBoundary } from './event-boundary.ts';

const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', '\r', '\n'), maxLength: 6 }), {
  maxLength: 8,
});

/** By the grammar: whether the last line is empty and the one before it has ended (HTML standard §9.2.6). */
function isBetween(text: string): boolean {
  return text === '' || /(^|\r\n|\r|\n)(\r\n|\r|\n)$/.test(text.replace(/\r\n/g, '\n'));
}

describe('the boundary between events', () => {
  it('is behind an empty line, however the stream came', () => {
    fc.assert(
      fc.property(pieces, (chunks) => {
        const boundary = new EventBoundary();
        let text = '';
        for (const chunk of chunks) {
          boundary.skip(Buffer.from(chunk));
          text += chunk;
          assert.equal(boundary.isHere, isBetween(text), JSON.stringify(text));
        }
      }),
    );
  });

  it('is found within a chunk, where an event ends', () => {
    const boundary = new EventBoundary();
    boundary.skip(Buffer.from('data: 1\n\ndata: 2\n'));
    assert.equal(boundary.isHere, false);
    assert.equal(boundary.find(Buffer.from('id: 4')), -1);
    assert.equal(boundary.find(Buffer.from('\r\n\r\ndata: 3\n\n')), 3);
    assert.equal(boundary.isHere, true);
  });
});
