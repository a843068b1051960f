import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import { keyOfJwk, keyOfPem, newSigningKey, publicHalf, signerOf, UnusableKey } from './signing-key.ts';

const pkcs8 = { privateKeyEncoding: { type: 'pkcs8', format: 'pem' } } as const;
const spki = { publicKeyEncoding: { type: 'spki', format: 'pem' } } as const;

/** PEM texts by kind of key. Keys are made here, so that none is in the repository. */
const PEMS = {
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256', ...pkcs8, ...spki }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384', ...pkcs8, ...spki }),
  k256: generateKeyPairSync('ec', { namedCurve: 'secp256k1', ...pkcs8, ...spki }),
  rsa2048: generateKeyPairSync('rsa', { modulusLength: 2048, ...pkcs8, ...spki }),
  rsa1024: generateKeyPairSync('rsa', { modulusLength: 1024, ...pkcs8, ...spki }),
  ed25519: generateKeyPairSync('ed25519', { ...pkcs8, ...spki }),
  x25519: generateKeyPairSync('x25519', { ...pkcs8, ...spki }),
} as const;

describe('a signing key', () => {
  const usable = { p256: 'ES256', rsa2048: 'RS256', ed25519: 'EdDSA' } as const;
  for (const [name, alg] of Object.entries(usable)) {
    const key = keyOfPem(PEMS[name as keyof typeof usable].privateKey);

    it(`of kind ${name} signs with ${alg}, and others verify it with the public half`, async () => {
      assert.equal(key.alg, alg);
      const input = `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.cGF5bG9hZA`;
      const { payload } = await compactVerify(
        `${input}.${signerOf(key)(input)}`,
        await importJWK(publicHalf(key) as JWK),
      );
      assert.equal(Buffer.from(payload).toString(), 'payload');
    });

    it(`of kind ${name} is named by its thumbprint (RFC 7638)`, async () => {
      assert.equal(key.kid, await calculateJwkThumbprint(publicHalf(key) as JWK));
    });

    it(`of kind ${name} is published without anything secret`, () => {
      const members = Object.keys(publicHalf(key)).sort();
      const expected = {
        p256: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
        rsa2048: ['alg', 'e', 'kid', 'kty', 'n', 'use'],
        ed25519: ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
      };
      assert.deepEqual(members, expected[name as keyof typeof usable]);
    });
  }

  it('is of a kind that every library verifies when it is a new one', async () => {
    assert.equal((await newSigningKey()).alg, 'ES256');
  });

  it('is the same after it was written and read', async () => {
    const key = await newSigningKey();
    assert.deepEqual(keyOfJwk(JSON.parse(JSON.stringify(key)) as object), key);
  });

  it('has the name and the algorithm that belong to it, whatever was written beside it', async () => {
    const key = await newSigningKey();
    assert.deepEqual(keyOfJwk({ ...key, kid: '../other', alg: 'none' }), key);
  });
});

describe('what is no signing key', () => {
  const unusable: readonly (readonly [what: string, pem: string])[] = [
    ['a P-384 key', PEMS.p384.privateKey],
    ['a secp256k1 key', PEMS.k256.privateKey],
    ['an RSA key of 1024 bits', PEMS.rsa1024.privateKey],
    ['a key for agreement', PEMS.x25519.privateKey],
    ['a public key', PEMS.p256.publicKey],
    ['a damaged key', PEMS.p256.privateKey.replace('M', '!')],
    ['a key with a passphrase', withPassphrase()],
    ['nothing', ''],
  ];
  for (const [what, pem] of unusable) {
    it(`is refused without a word of it: ${what}`, () => {
      assert.throws(
        () => keyOfPem(pem),
        (error) => error instanceof UnusableKey && !/MII|MIG|MC4|BEGIN|secret/.test(String(error)),
      );
    });
  }

  it('is refused as a JWK, too', () => {
    assert.throws(() => keyOfJwk({}), UnusableKey);
    assert.throws(() => keyOfJwk({ kty: 'oct', k: 'c2VjcmV0' }), UnusableKey);
  });
});

function withPassphrase(): string {
  const encoding = { ...pkcs8.privateKeyEncoding, cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
  return generateKeyPairSync('ed25519', { privateKeyEncoding: encoding, ...spki }).privateKey;
}
