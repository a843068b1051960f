import assert from 'node:assert/strict';
import { constants, sign } from 'node:crypto';
import { describe, it } from 'node:test';

import { ALGORITHMS, signatureOf, signer, type TestAlgorithm } from './tokens-testing.ts';
import { verificationKey } from './verification-key.ts';

const TEXT = 'header.payload';

function accepts(algorithm: TestAlgorithm, signature: Buffer, text = TEXT): boolean {
  const verifier = verificationKey(signer(algorithm).jwk)?.verifiers.get(algorithm);
  assert.ok(verifier !== undefined);
  return verifier(Buffer.from(text), signature);
}

function right(algorithm: TestAlgorithm): Buffer {
  return signatureOf(algorithm, signer(algorithm).privateKey, TEXT);
}

describe('signatures', () => {
  for (const algorithm of ALGORITHMS) {
    it(`of ${algorithm} are accepted when they are right, and not when a bit is wrong`, () => {
      const signature = right(algorithm);
      assert.equal(accepts(algorithm, signature), true);
      assert.equal(accepts(algorithm, signature, `${TEXT}x`), false);
      for (const at of [0, signature.length >> 1, signature.length - 1]) {
        const wrong = Buffer.from(signature);
        wrong[at]! ^= 1;
        assert.equal(accepts(algorithm, wrong), false);
      }
    });

    it(`of ${algorithm} have exactly one length`, () => {
      const signature = right(algorithm);
      const zero = Buffer.alloc(1);
      const half = signature.length >> 1;
      for (const wrong of [
        Buffer.alloc(0),
        signature.subarray(1),
        signature.subarray(0, -1),
        Buffer.concat([signature, zero]),
        Buffer.concat([zero, signature]),
        Buffer.concat([zero, signature.subarray(0, half), zero, signature.subarray(half)]),
      ]) {
        assert.equal(accepts(algorithm, wrong), false);
      }
    });
  }
});

/** Orders of the curves, from SEC 2. */
const ORDERS = {
  ES256: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  ES384: 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ES512:
    '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
};

describe('ECDSA', () => {
  for (const algorithm of ['ES256', 'ES384', 'ES512'] as const) {
    it(`of ${algorithm} refuses numbers that no signature has, zero above all`, () => {
      const order = BigInt(`0x${ORDERS[algorithm]}`);
      const bytes = ORDERS[algorithm].length / 2;
      const written = (number: bigint): Buffer =>
        Buffer.from(number.toString(16).padStart(2 * bytes, '0'), 'hex');
      const numbers = [0n, 1n, order - 1n, order, order + 1n, 2n ** BigInt(8 * bytes) - 1n].map(written);
      for (const r of numbers) {
        for (const s of numbers) assert.equal(accepts(algorithm, Buffer.concat([r, s])), false);
      }
    });

    it(`of ${algorithm} refuses a right signature with the order added to one of its numbers`, () => {
      const order = BigInt(`0x${ORDERS[algorithm]}`);
      const signature = right(algorithm);
      const half = signature.length / 2;
      for (const at of [0, half]) {
        const number = BigInt(`0x${signature.toString('hex', at, at + half)}`) + order;
        const hex = number.toString(16).padStart(2 * half, '0');
        if (hex.length > 2 * half) continue;
        const wrong = Buffer.from(signature);
        wrong.write(hex, at, 'hex');
        assert.equal(accepts(algorithm, wrong), false);
      }
    });

    it(`of ${algorithm} refuses DER`, () => {
      const { privateKey } = signer(algorithm);
      const der = sign(`sha${algorithm.slice(2)}`, Buffer.from(TEXT), privateKey);
      assert.equal(accepts(algorithm, der), false);
    });
  }
});

describe('RSASSA-PSS', () => {
  it('refuses a salt that is not as long as the hash', () => {
    const { privateKey: key } = signer('PS256');
    for (const saltLength of [0, 20, 31, 33, 64, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
      const how = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
      assert.equal(accepts('PS256', sign('sha256', Buffer.from(TEXT), how)), false, String(saltLength));
    }
  });

  it('is not taken for PKCS #1, nor the other way round', () => {
    assert.equal(accepts('RS256', right('PS256')), false);
    assert.equal(accepts('PS256', right('RS256')), false);
  });
});

describe('Ed25519', () => {
  it('refuses a right signature with the order of the group added (RFC 8032 §8.4)', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const signature = right('Ed25519');
    const scalar = BigInt(`0x${reversed(signature.subarray(32)).toString('hex')}`) + order;
    const wrong = Buffer.from(signature);
    wrong.set(reversed(Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex')), 32);
    assert.equal(accepts('Ed25519', wrong), false);
  });
});

function reversed(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toReversed());
}
