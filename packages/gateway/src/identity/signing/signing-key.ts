import { createPrivateKey, generateKeyPair, hash, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Jwk } from '../../core/desk.ts';

/** A key that we do not sign with. The message never holds any of it. */
export class UnusableKey extends Error {
  override readonly name = 'UnusableKey';
}

/** RSA keys below are not accepted (RFC 7518 §3.3). */
const MIN_RSA_BITS = 2048;
/** What others may see of a key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2). */
const PUBLIC_MEMBERS = new Set(['kty', 'kid', 'alg', 'crv', 'x', 'y', 'n', 'e']);

/** The private key in a PEM text: EC P-256, RSA from 2048 bits on, or Ed25519. */
export function keyOfPem(pem: string): Jwk {
  return signingKey(privateKey(() => createPrivateKey({ key: pem, format: 'pem' })));
}

/** The private key in a JWK, whatever `kid` and `alg` it has. */
export function keyOfJwk(jwk: object): Jwk {
  return signingKey(privateKey(() => fromJwk(jwk)));
}

/** A new key, EC P-256: small signatures, and every library verifies them. */
export async function newSigningKey(): Promise<Jwk> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  return signingKey(privateKey);
}

/** The public half of a key, ready to be published. */
export function publicHalf(key: Jwk): Jwk {
  const members = Object.entries(key).filter(([name]) => PUBLIC_MEMBERS.has(name));
  return { kty: key.kty, ...Object.fromEntries(members), use: 'sig' };
}

/** Signs texts with a key (RFC 7515 §5.1): gives the signature in base64url. */
export function signerOf(jwk: Jwk): (text: string) => string {
  const digest = jwk.alg === 'EdDSA' ? null : 'sha256';
  const key = { key: fromJwk(jwk), dsaEncoding: 'ieee-p1363' } as const;
  return (text) => sign(digest, Buffer.from(text), key).toString('base64url');
}

function fromJwk(jwk: object): KeyObject {
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

function privateKey(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    // The cause is left out, because it may quote what was read.
    throw new UnusableKey('it is not a private key in a form that can be read, or it has a passphrase');
  }
}

/** With the algorithm that the kind of key calls for, and its thumbprint as its name. */
function signingKey(key: KeyObject): Jwk {
  const alg = algorithmOf(key);
  const { kty = '', ...members } = key.export({ format: 'jwk' });
  const jwk = { kty, ...members, alg };
  return { ...jwk, kid: thumbprint(jwk) };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string {
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails;
  if (asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'ES256';
  if (asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS) return 'RS256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  throw new UnusableKey(`it is not EC P-256, RSA from ${MIN_RSA_BITS} bits on or Ed25519`);
}

/** RFC 7638. Members in the order of their names; those of other kinds of keys are undefined and left out. */
function thumbprint({ crv, e, kty, n, x, y }: Jwk): string {
  return hash('sha256', JSON.stringify({ crv, e, kty, n, x, y }), 'base64url');
}
