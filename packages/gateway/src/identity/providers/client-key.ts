import { createPrivateKey, type KeyObject } from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';

/**
 * The key of a PEM text, ready to sign assertions (RFC 7523). RSA keys sign by PS256 where the provider takes that and not
 * RS256. Throws `IDENTITY_UNAVAILABLE` for a key that no algorithm goes with.
 */
export function clientKey(pem: string, algorithms: readonly string[] | null): CryptoKey {
  try {
    const key = createPrivateKey(pem);
    return key.toCryptoKey(algorithmOf(key, algorithms), false, ['sign']);
  } catch (cause) {
    throw new GatewayError('IDENTITY_UNAVAILABLE', 'the private key of the client cannot be used', { cause });
  }
}

function algorithmOf(key: KeyObject, algorithms: readonly string[] | null): KeyAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return { name: 'Ed25519' };
  if (type === 'ec') return { name: 'ECDSA', namedCurve: CURVES[details?.namedCurve ?? ''] ?? '' };
  if (type !== 'rsa' && type !== 'rsa-pss') throw new Error('there is no algorithm for keys of its kind');
  const wantsPss = algorithms?.includes('PS256') === true && !algorithms.includes('RS256');
  return { name: type === 'rsa-pss' || wantsPss ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
}

type KeyAlgorithm = Parameters<KeyObject['toCryptoKey']>[0];
type CryptoKey = ReturnType<KeyObject['toCryptoKey']>;

/** Names of curves, as OpenSSL has them. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};
