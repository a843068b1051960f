import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trailerFlag, trailerParse } from '@connectrpc/connect/protocol-grpc-web';
import * as fc from '@turnpike/testkit/fast-check';
import { headersOf } from '../../../core/headers.ts';
import { trailerFrame } from './trailer-frame.ts';

/** What stands in lines of HTTP: names that are tokens, and values without control bytes and without white space around. */
const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/);
const value = fc.stringMatching(/^[!-~](?:[ -~]{0,20}[!-~])?$/);

describe('trailerFrame', () => {
  it('is read by the parser of Connect as what it was written from', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (fields) => {
        const bytes = trailerFrame(headersOf(...fields));
        assert.equal(bytes[0], trailerFlag);
        assert.equal(bytes.readUInt32BE(1), bytes.length - 5);
        const expected = new Headers(fields.map(([key, text]) => [key, text]));
        assert.deepEqual([...trailerParse(bytes.subarray(5))], [...expected]);
      }),
      { numRuns: 1000 },
    );
  });

  it('has names in lower case', () => {
    assert.equal(trailerFrame(headersOf(['Grpc-Status', '0'])).toString('latin1', 5), 'grpc-status: 0\r\n');
  });
});
