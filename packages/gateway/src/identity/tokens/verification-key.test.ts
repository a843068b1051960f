import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';

import { signer } from './tokens-testing.ts';
import { verificationKey, type UntrustedJwk } from './verification-key.ts';

/** The algorithms that a key is for. */
function algorithmsOf(jwk: UntrustedJwk): readonly string[] | null {
  const key = verificationKey(jwk);
  return key === null ? null : [...key.verifiers.keys()];
}

function without(jwk: UntrustedJwk, ...names: string[]): UntrustedJwk {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)));
}

function point(bytes: number, fill = 0): string {
  return Buffer.alloc(bytes, fill).toString('base64url');
}

const RSA = signer('RS256').jwk;
const P256 = signer('ES256').jwk;
const P384 = signer('ES384').jwk;
const P521 = signer('ES512').jwk;
const ED25519 = signer('EdDSA').jwk;
const ED448 = signer('Ed448').jwk;

describe('verificationKey', () => {
  it('makes keys for the algorithms that fit their kind and curve', () => {
    const all = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
    assert.deepEqual(algorithmsOf(without(RSA, 'alg')), all);
    assert.deepEqual(algorithmsOf(without(P256, 'alg')), ['ES256']);
    assert.deepEqual(algorithmsOf(without(P384, 'alg')), ['ES384']);
    assert.deepEqual(algorithmsOf(without(P521, 'alg')), ['ES512']);
    assert.deepEqual(algorithmsOf(without(ED25519, 'alg')), ['EdDSA', 'Ed25519']);
    assert.deepEqual(algorithmsOf(without(ED448, 'alg')), ['EdDSA', 'Ed448']);
  });

  it('makes keys for the one algorithm that they name, whichever of its names', () => {
    assert.deepEqual(algorithmsOf({ ...RSA, alg: 'PS384' }), ['PS384']);
    assert.deepEqual(algorithmsOf({ ...ED25519, alg: 'EdDSA' }), ['EdDSA', 'Ed25519']);
    assert.deepEqual(algorithmsOf({ ...ED25519, alg: 'Ed25519' }), ['EdDSA', 'Ed25519']);
  });

  it('takes keys that are for signatures, among other things', () => {
    assert.notEqual(verificationKey({ ...P256, use: 'sig', key_ops: ['sign', 'verify'] }), null);
    assert.equal(verificationKey({ ...P256, kid: 'a' })?.id, 'a');
    assert.equal(verificationKey(without(P256, 'kid'))?.id, null);
    assert.equal(verificationKey({ ...P256, kid: 7 })?.id, null);
  });

  const offCurve = Buffer.from(String(P256['y']), 'base64url');
  offCurve[31]! ^= 1;
  const smallRsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
  const refused: readonly (readonly [what: string, jwk: UntrustedJwk])[] = [
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }],
    ['a symmetric key that calls itself asymmetric', { kty: 'oct', k: 'c2VjcmV0', alg: 'RS256' }],
    ['a private EC key', { ...P256, d: point(32, 1) }],
    ['a private RSA key', { ...RSA, d: 'AQAB' }],
    ['a key with half of an RSA secret', { ...RSA, p: 'AQAB' }],
    ['a key for encryption', { ...RSA, use: 'enc' }],
    ['a key whose use is malformed', { ...RSA, use: ['sig'] }],
    ['a key that may not verify', { ...RSA, key_ops: ['sign', 'encrypt'] }],
    ['a key whose operations are malformed', { ...RSA, key_ops: 'verify' }],
    ['a key for an algorithm that we do not know', { ...RSA, alg: 'RSA-OAEP' }],
    ['an RSA key for HMAC', { ...RSA, alg: 'HS256' }],
    ['an RSA key for none', { ...RSA, alg: 'none' }],
    ['an EC key for another curve’s algorithm', { ...P256, alg: 'ES384' }],
    ['an EC key on secp256k1', { ...P256, crv: 'secp256k1', alg: 'ES256K' }],
    ['a curve that does not exist', without({ ...P256, crv: 'P-257' }, 'alg')],
    ['a key without a curve', without(P256, 'crv', 'alg')],
    ['an unknown kind of key', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA' }],
    ['a key without a kind', without(RSA, 'kty')],
    ['an RSA key of 1024 bits', { ...smallRsa }],
    ['an RSA key with the exponent one', { ...RSA, e: 'AQ' }],
    ['an RSA key with an even exponent', { ...RSA, e: 'AQAA' }],
    ['an RSA key with a huge exponent', { ...RSA, e: RSA['n'] }],
    ['an RSA key without a modulus', without(RSA, 'n')],
    ['an RSA key with a modulus that is not base64url', { ...RSA, n: `${String(RSA['n'])}=` }],
    ['a point beside the curve', { ...P256, y: offCurve.toString('base64url') }],
    ['a point at zero', { ...P256, x: point(32), y: point(32) }],
    ['coordinates beyond the field', { ...P256, x: point(32, 255), y: point(32, 255) }],
    ['a point of another curve', without({ ...P384, crv: 'P-256' }, 'alg')],
    ['a coordinate that is too short', { ...P256, x: point(31, 1) }],
    [
      'a coordinate that is padded with a zero',
      {
        ...P256,
        x: Buffer.concat([Buffer.alloc(1), Buffer.from(String(P256['x']), 'base64url')]).toString(
          'base64url',
        ),
      },
    ],
    ['a coordinate that is a number', { ...P256, x: 7 }],
    ['an Ed25519 key that is too short', { ...ED25519, x: point(31, 1) }],
    ['a key for key agreement', { kty: 'OKP', crv: 'X25519', x: point(32, 9) }],
  ];
  for (const [what, jwk] of refused) it(`refuses ${what}`, () => assert.equal(verificationKey(jwk), null));
});
