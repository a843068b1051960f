// The part of Wycheproof's JOSE vectors that is about public keys. wycheproof-jws.json says where they are from.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { readJws } from '../../src/identity/tokens/jws.ts';
import { verificationKey, type UntrustedJwk } from '../../src/identity/tokens/verification-key.ts';

interface Vectors {
  readonly groups: readonly {
    readonly key: UntrustedJwk;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly result: 'valid' | 'invalid';
      readonly jws: string;
    }[];
  }[];
}

const { groups } = JSON.parse(
  readFileSync(new URL('wycheproof-jws.json', import.meta.url), 'utf8'),
) as Vectors;

/**
 * Valid by the vectors, and not to us: their keys say that they are for another algorithm than the signature has, PS256
 * instead of PS384, and `ES521`, which does not exist.
 */
const REFUSED_ANYWAY = [346, 347];

/** Whether a text is a signature by this key. */
function isSignedBy(key: UntrustedJwk, text: string): boolean {
  const jws = readJws(text);
  if (typeof jws === 'string') return false;
  const found = verificationKey(key);
  if (found === null || (jws.keyId !== null && jws.keyId !== found.id)) return false;
  return found.verifiers.get(jws.algorithm)?.(jws.signed, jws.signature) === true;
}

describe('signatures, by the vectors of Wycheproof', () => {
  for (const { key, tests } of groups) {
    for (const { tcId, comment, result, jws } of tests) {
      const isExpected = result === 'valid' && !REFUSED_ANYWAY.includes(tcId);
      it(`${tcId} ${comment} is ${isExpected ? 'accepted' : 'refused'}`, () =>
        assert.equal(isSignedBy(key, jws), isExpected));
    }
  }

  it('are right where only the algorithm of the key is wrong', () => {
    for (const { key, tests } of groups) {
      const { alg: _, ...withoutAlgorithm } = key;
      for (const { tcId, jws } of tests) {
        if (REFUSED_ANYWAY.includes(tcId)) assert.equal(isSignedBy(withoutAlgorithm, jws), true);
      }
    }
  });
});
