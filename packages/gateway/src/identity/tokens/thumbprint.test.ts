import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { calculateJwkThumbprint } from 'jose';

import { ALGORITHMS, signer } from './tokens-testing.ts';
import { thumbprint } from './thumbprint.ts';

describe('thumbprint', () => {
  it('is that of the example in RFC 7638 §3.1', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    const jwk = { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' };
    assert.equal(thumbprint(jwk), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });

  it('is that of jose, for keys of every kind', async () => {
    for (const algorithm of ALGORITHMS) {
      const { jwk } = signer(algorithm);
      assert.equal(thumbprint(jwk), await calculateJwkThumbprint(jwk as object));
    }
  });

  it('does not exist for what is not a public key', () => {
    for (const jwk of [
      {},
      { kty: 'oct', k: 'AAAA' },
      { kty: 'EC', crv: 'P-256', x: 'AAAA' },
      { kty: 'RSA', n: 1, e: 2 },
    ]) {
      assert.equal(thumbprint(jwk), null);
    }
  });
});
