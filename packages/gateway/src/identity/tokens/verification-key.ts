import { createPublicKey, type KeyObject } from 'node:crypto';

import { decodeBase64url } from './base64url.ts';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm, type Verifier } from './signature-algorithms.ts';

/** A public key, ready to check signatures. */
export interface VerificationKey {
  /** `kid`, or null. */
  readonly id: string | null;
  /** By `alg`: only those that the key is for. */
  readonly verifiers: ReadonlyMap<string, Verifier>;
}

/** A key as it was published (RFC 7517 §4): nothing of it is certain yet. */
export type UntrustedJwk = Readonly<Record<string, unknown>>;

/** Members that only a private or a symmetric key has (RFC 7518 §6.2.2, §6.3.2 and §6.4, RFC 8037 §2). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const COORDINATE_BYTES = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
]);
const POINT_BYTES = new Map([
  ['Ed25519', 32],
  ['Ed448', 57],
]);
const MIN_RSA_BITS = 2048;
/** A longer key makes each check cost milliseconds, and so does a large exponent. */
const MAX_RSA_BITS = 8192;
const MAX_RSA_EXPONENT = 2n ** 32n;

/**
 * Makes a key from a JWK, or gives null: when it is private or symmetric (what was published is no longer secret), for
 * encryption, of an unknown kind, too short (RFC 7518 §3.3), or not a point of its curve.
 */
export function verificationKey(jwk: UntrustedJwk): VerificationKey | null {
  if (SECRET_MEMBERS.some((member) => member in jwk) || !isForSignatures(jwk)) return null;
  const algorithms = [...SIGNATURE_ALGORITHMS.values()].filter((algorithm) => fits(jwk, algorithm));
  const key = algorithms.length === 0 ? null : publicKey(jwk);
  if (key === null) return null;
  const verifiers = new Map(algorithms.map(({ name, verifier }) => [name, verifier(key)]));
  const { kid } = jwk;
  return { id: typeof kid === 'string' ? kid : null, verifiers };
}

/** RFC 7517 §4.2 and §4.3. */
function isForSignatures({ use, key_ops: operations }: UntrustedJwk): boolean {
  if (use !== undefined && use !== 'sig') return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
}

function fits({ kty, crv, alg }: UntrustedJwk, algorithm: SignatureAlgorithm): boolean {
  if (kty !== algorithm.kty) return false;
  if (kty !== 'RSA' && !algorithm.curves.includes(textOf(crv))) return false;
  // `EdDSA` and `Ed25519` are two names of one algorithm: a key that has one is for both.
  return alg === undefined || SIGNATURE_ALGORITHMS.get(textOf(alg))?.allowedAs === algorithm.allowedAs;
}

function publicKey(jwk: UntrustedJwk): KeyObject | null {
  if (!isWellFormed(jwk)) return null;
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return key.asymmetricKeyType === 'rsa' && !isSoundRsa(key) ? null : key;
  } catch {
    // Not a key: a point beside its curve, or no number.
    return null;
  }
}

/** Lengths are fixed (RFC 7518 §6.2.1.2, RFC 8037 §2), and so is the spelling. */
function isWellFormed({ kty, crv, x, y, n, e }: UntrustedJwk): boolean {
  if (kty === 'RSA') return lengthOf(n) > 0 && lengthOf(e) > 0;
  if (kty === 'OKP') return lengthOf(x) === POINT_BYTES.get(textOf(crv));
  const bytes = COORDINATE_BYTES.get(textOf(crv));
  return lengthOf(x) === bytes && lengthOf(y) === bytes;
}

function lengthOf(member: unknown): number {
  return decodeBase64url(textOf(member))?.length ?? 0;
}

function textOf(member: unknown): string {
  return typeof member === 'string' ? member : '';
}

/** With an exponent of one, every text would be its own signature. */
function isSoundRsa(key: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  return (
    modulusLength >= MIN_RSA_BITS &&
    modulusLength <= MAX_RSA_BITS &&
    publicExponent >= 3n &&
    publicExponent < MAX_RSA_EXPONENT &&
    publicExponent % 2n === 1n
  );
}
