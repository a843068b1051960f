import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKeySet } from './key-set.ts';

const RSA = { kty: 'RSA', kid: 'rsa', n: 'AQAB', e: 'AQAB' };
const EC = { kty: 'EC', kid: 'ec', crv: 'P-256', x: 'AA', y: 'AA' };

function keySet(...keys: readonly unknown[]): string {
  return JSON.stringify({ keys });
}

describe('a key set', () => {
  it('gives the public keys for signatures, with the members that matter', () => {
    const key = {
      ...RSA,
      use: 'sig',
      alg: 'RS256',
      key_ops: ['verify'],
      x5c: ['MIIB'],
      x5u: 'https://evil.example',
    };
    assert.deepEqual(parseKeySet(keySet(key, EC)), [{ ...RSA, use: 'sig', alg: 'RS256' }, EC]);
  });

  const leftOut: readonly [string, unknown][] = [
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }],
    ['a key whose private part is public', { ...EC, d: 'AA' }],
    ['a key with a prime', { ...RSA, p: 'AA' }],
    ['a key of an unknown kind', { ...RSA, kty: 'XYZ' }],
    ['a key whose kind is inherited', JSON.parse('{"__proto__":{"kty":"RSA"},"n":"AQAB","e":"AQAB"}')],
    ['a key for encryption', { ...RSA, use: 'enc' }],
    ['a key for other operations', { ...RSA, key_ops: ['encrypt'] }],
    ['what is no key', null],
    ['a list', [RSA]],
    ['a text', 'RSA'],
  ];
  for (const [name, key] of leftOut) {
    it(`leaves out ${name}`, () => assert.deepEqual(parseKeySet(keySet(key, EC)), [EC]));
  }

  it('leaves out members that are no text, or that are absurdly long', () => {
    const odd = { ...RSA, kid: 7, alg: { toString: 'RS256' }, n: 'A'.repeat(5000) };
    assert.deepEqual(parseKeySet(keySet(odd)), [{ kty: 'RSA', e: 'AQAB' }]);
  });

  it('gives 64 keys at most', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ ...RSA, kid: String(index) }));
    assert.deepEqual(
      parseKeySet(keySet(...many)).map(({ kid }) => Number(kid)),
      Array.from({ length: 64 }, (_, index) => index),
    );
  });

  for (const text of [
    '',
    '[]',
    'null',
    '{}',
    '{"keys":{}}',
    '{"keys":[]}',
    keySet({ kty: 'oct', k: 'AA' }),
  ]) {
    it(`is an error when it is ${text || 'empty'}`, () => {
      assert.throws(
        () => parseKeySet(text),
        (error: Error) => !/"kty"|AA/.test(String(error.stack)),
      );
    });
  }
});
