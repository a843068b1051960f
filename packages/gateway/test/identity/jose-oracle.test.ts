// Tokens made by jose and judged by us, and tokens that are nearly right and judged by both.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';
import { compactVerify, importJWK, SignJWT, type CryptoKey, type JWK } from 'jose';

import { readJws } from '../../src/identity/tokens/jws.ts';
import {
  ALGORITHMS,
  encoded,
  goodClaims,
  judged,
  signatureOf,
  signer,
  stand,
  type TestAlgorithm,
} from '../../src/identity/tokens/tokens-testing.ts';
import { verificationKey } from '../../src/identity/tokens/verification-key.ts';

/** jose has no Ed448. */
const COMMON = ALGORITHMS.filter((algorithm) => algorithm !== 'Ed448');
/** One of each kind, so that each property stays cheap. */
const KINDS = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

async function joseKey(jwk: object, algorithm: string): Promise<CryptoKey> {
  return (await importJWK(jwk as JWK, algorithm)) as CryptoKey;
}

/** What we say of a signature by this key. */
function isRight(algorithm: TestAlgorithm, token: string): boolean {
  const jws = readJws(token);
  if (typeof jws === 'string') return false;
  const key = verificationKey(signer(algorithm).jwk);
  return key?.verifiers.get(jws.algorithm)?.(jws.signed, jws.signature) ?? false;
}

/** What jose says of it. */
async function isRightToJose(algorithm: TestAlgorithm, token: string): Promise<boolean> {
  try {
    await compactVerify(token, await joseKey(signer(algorithm).jwk, algorithm), { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}

describe('tokens that jose signs', () => {
  for (const algorithm of COMMON) {
    it(`with ${algorithm} are accepted`, async () => {
      const { privateKey, jwk } = signer(algorithm);
      const key = await joseKey(privateKey.export({ format: 'jwk' }), algorithm);
      const claims = goodClaims({ scope: 'a b', nested: { list: [1, 'é', null] } }) as Record<
        string,
        unknown
      >;
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, kid: 'k1', typ: 'at+jwt' })
        .sign(key);
      const { publish, scheme } = stand();
      publish([jwk]);
      assert.equal(await judged(scheme(), token), 'welcome alice');
    });
  }
});

describe('tokens that we make in tests', () => {
  for (const algorithm of COMMON) {
    it(`with ${algorithm} are right to jose`, async () =>
      assert.equal(await isRightToJose(algorithm, signer(algorithm).token(goodClaims())), true));
  }
});

describe('a right token', () => {
  for (const algorithm of KINDS) {
    it(`of ${algorithm} is refused when any of its characters is another`, async () => {
      const { publish, scheme } = stand();
      const key = signer(algorithm);
      publish([key.jwk]);
      const route = scheme();
      const token = key.token(goodClaims());
      assert.equal(await judged(route, token), 'welcome alice');
      const character = fc.constantFrom(
        'A',
        'B',
        'Q',
        'g',
        'w',
        'z',
        '0',
        '9',
        '-',
        '_',
        '.',
        '~',
        '+',
        '/',
        '=',
        ' ',
        ',',
      );
      await fc.assert(
        fc.asyncProperty(fc.nat(token.length - 1), character, async (at, put) => {
          fc.pre(token[at] !== put);
          const verdict = await judged(route, token.slice(0, at) + put + token.slice(at + 1));
          assert.doesNotMatch(verdict, /^welcome/);
        }),
        { numRuns: 150 },
      );
    });

    it(`of ${algorithm} is refused when a piece of it is missing, twice there, or somewhere else`, async () => {
      const { publish, scheme } = stand();
      const key = signer(algorithm);
      publish([key.jwk]);
      const route = scheme();
      const token = key.token(goodClaims());
      const place = fc.nat(token.length);
      await fc.assert(
        fc.asyncProperty(place, place, place, async (a, b, c) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const [before, piece, after] = [token.slice(0, from), token.slice(from, to), token.slice(to)];
          const rest = before + after;
          const elsewhere = rest.slice(0, c) + piece + rest.slice(c);
          for (const changed of [rest, before + piece + piece + after, elsewhere]) {
            if (changed !== token) assert.doesNotMatch(await judged(route, changed), /^welcome/);
          }
        }),
        { numRuns: 50 },
      );
    });
  }
});

describe('a signature', () => {
  const texts = fc.record({
    header: fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 0 }), { maxKeys: 3 }),
    payload: fc.string({ maxLength: 60, unit: 'binary' }),
    flaw: fc.constantFrom('none', 'signature', 'payload', 'algorithm', 'length', 'key'),
    at: fc.nat(),
  });

  for (const algorithm of KINDS) {
    it(`of ${algorithm} is right to us when it is to jose, whatever is signed and however it is spoilt`, async () => {
      await fc.assert(
        fc.asyncProperty(texts, async ({ header, payload, flaw, at }) => {
          const { crit: _, b64: __, ...others } = header;
          const alg = flaw === 'algorithm' ? 'ES256' : algorithm;
          const signed = `${encoded(JSON.stringify({ ...others, alg, kid: 'k1', typ: 'JWT' }))}.${encoded(payload)}`;
          const { privateKey } = signer(algorithm, flaw === 'key' ? 'other' : 'k1');
          const signature = signatureOf(algorithm, privateKey, signed);
          if (flaw === 'signature') signature[at % signature.length]! ^= 1 << (at % 8);
          const tail = flaw === 'length' ? signature.subarray(0, at % signature.length) : signature;
          const head = flaw === 'payload' ? `${signed}AAAA` : signed;
          const token = `${head}.${tail.toString('base64url')}`;
          assert.equal(isRight(algorithm, token), await isRightToJose(algorithm, token));
          assert.equal(
            isRight(algorithm, token),
            flaw === 'none' || (flaw === 'algorithm' && alg === algorithm),
          );
        }),
        { numRuns: 60 },
      );
    });
  }
});
