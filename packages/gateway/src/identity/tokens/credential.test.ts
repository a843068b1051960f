import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { readCredential } from './credential.ts';

describe('readCredential', () => {
  it('reads the scheme in any case, and the token as it is', () => {
    for (const spelling of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
      assert.deepEqual(readCredential(`${spelling} a.B-9_~+/==`), {
        kind: 'token',
        scheme: 'Bearer',
        token: 'a.B-9_~+/==',
      });
    }
    assert.deepEqual(readCredential('dpop x'), { kind: 'token', scheme: 'DPoP', token: 'x' });
  });

  it('is not concerned with other schemes, nor with none', () => {
    for (const field of [undefined, '', 'Basic YTpi', 'Bearerish x', 'Bear', 'DPoPx y', 'Negotiate Bearer']) {
      assert.deepEqual(readCredential(field), { kind: 'none' }, String(field));
    }
  });

  it('refuses what begins as a token and is not one', () => {
    const malformed = [
      'Bearer',
      'Bearer ',
      'Bearer  x',
      'Bearer x ',
      'Bearer x y',
      'Bearer x,y',
      'Bearer a, Bearer b',
      'Bearer "x"',
      'Bearer =',
      'Bearer a=b',
      'Bearer tökén',
      'Bearer a\tb',
      'Bearer realm="x"',
      'DPoP',
      ' Bearer x',
      '\u00a0Bearer x',
      'Bearer\tx',
      'Bearer\u00a0x',
      'Bearer,x',
      'Bearer:x',
      '"Bearer x"',
      'DPoP\tx',
      ',,,,,, Bearer',
      `Bearer ${'a'.repeat(8193)}`,
    ];
    for (const field of malformed) assert.deepEqual(readCredential(field), { kind: 'malformed' }, field);
    assert.equal(readCredential(`Bearer ${'a'.repeat(8192)}`).kind, 'token');
  });
});
