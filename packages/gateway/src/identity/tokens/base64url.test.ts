import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { decodeBase64url } from './base64url.ts';

describe('decodeBase64url', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url');
        assert.deepEqual(decodeBase64url(text), Buffer.from(bytes));
      }),
    );
  });

  it('refuses every other spelling of the same bytes', () => {
    for (const text of [
      'YQ==',
      'YQ=',
      'YR',
      'Y',
      ' YQ',
      'YQ ',
      'Y\nQ',
      'YQ\0',
      'YQ.',
      '+_8',
      '/-8',
      'YQé',
      'Y%51',
    ]) {
      assert.equal(decodeBase64url(text), null, text);
    }
  });

  it('has one spelling for each text: whatever is changed decodes to something else, or not at all', () => {
    const character = fc.constantFrom(
      'A',
      'Z',
      'a',
      'z',
      '0',
      '9',
      '-',
      '_',
      '=',
      '+',
      '/',
      ' ',
      '.',
      '\0',
      'é',
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), character, (bytes, at, put) => {
        const text = Buffer.from(bytes).toString('base64url');
        const index = at % text.length;
        const changed = text.slice(0, index) + put + text.slice(index + 1);
        const decoded = decodeBase64url(changed);
        assert.equal(decoded !== null && decoded.equals(bytes), changed === text);
      }),
    );
  });
});
