import { constants, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import type { JwsAlgorithm } from '@turnpike/config';

/** Whether a signature of some text is right, by one key and one algorithm. */
export type Verifier = (signed: Buffer, signature: Buffer) => boolean;

/** A signature algorithm of JOSE and the keys that it is for. */
export interface SignatureAlgorithm {
  /** Value of `alg`. */
  readonly name: string;
  /** What a configuration allows it as: `Ed25519` and `Ed448` (RFC 9864) are what `EdDSA` stood for. */
  readonly allowedAs: JwsAlgorithm;
  readonly kty: 'RSA' | 'EC' | 'OKP';
  /** One of these; empty for RSA. */
  readonly curves: readonly string[];
  /** Makes the check for a key of that kind. */
  readonly verifier: (key: KeyObject) => Verifier;
}

/**
 * All algorithms by name. The list is closed and has no symmetric one, so that a public key is never taken for a secret,
 * and no `none` in any spelling (RFC 8725 §2.1).
 */
export const SIGNATURE_ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  [
    rsa('RS256', 'sha256', constants.RSA_PKCS1_PADDING),
    rsa('RS384', 'sha384', constants.RSA_PKCS1_PADDING),
    rsa('RS512', 'sha512', constants.RSA_PKCS1_PADDING),
    rsa('PS256', 'sha256', constants.RSA_PKCS1_PSS_PADDING),
    rsa('PS384', 'sha384', constants.RSA_PKCS1_PSS_PADDING),
    rsa('PS512', 'sha512', constants.RSA_PKCS1_PSS_PADDING),
    ecdsa('ES256', 'P-256', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
    ecdsa(
      'ES384',
      'P-384',
      'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    ),
    ecdsa(
      'ES512',
      'P-521',
      '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
    ),
    eddsa('EdDSA', ['Ed25519', 'Ed448']),
    eddsa('Ed25519', ['Ed25519']),
    eddsa('Ed448', ['Ed448']),
  ].map((algorithm) => [algorithm.name, algorithm]),
);

/** RFC 7518 §3.3 and §3.5. The salt of a PSS signature is as long as its hash; the signature as long as the modulus. */
function rsa(name: RsaName, hash: string, padding: number): SignatureAlgorithm {
  const verifier = (key: KeyObject): Verifier => {
    const bytes = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
    const how: VerifyKeyObjectInput = { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return (signed, signature) => signature.length === bytes && verify(hash, signed, how, signature);
  };
  return { name, allowedAs: name, kty: 'RSA', curves: [], verifier };
}

/**
 * RFC 7518 §3.4: two numbers of fixed length, not DER. Both must be between zero and the order of the curve: a library
 * that let zero pass took blank signatures for right (CVE-2022-21449), so we do not leave that to the library.
 */
function ecdsa(name: EcdsaName, curve: string, orderHex: string): SignatureAlgorithm {
  const order = Buffer.from(orderHex, 'hex');
  const zero = Buffer.alloc(order.length);
  const isInRange = (number: Buffer): boolean =>
    Buffer.compare(number, zero) > 0 && Buffer.compare(number, order) < 0;
  const hash = `sha${name.slice(2)}`;
  const verifier = (key: KeyObject): Verifier => {
    const how: VerifyKeyObjectInput = { key, dsaEncoding: 'ieee-p1363' };
    return (signed, signature) =>
      signature.length === 2 * order.length &&
      isInRange(signature.subarray(0, order.length)) &&
      isInRange(signature.subarray(order.length)) &&
      verify(hash, signed, how, signature);
  };
  return { name, allowedAs: name, kty: 'EC', curves: [curve], verifier };
}

function eddsa(name: string, curves: readonly string[]): SignatureAlgorithm {
  return { name, allowedAs: 'EdDSA', kty: 'OKP', curves, verifier: eddsaVerifier };
}

/** RFC 8037 §3.1. */
function eddsaVerifier(key: KeyObject): Verifier {
  const bytes = key.asymmetricKeyType === 'ed448' ? 114 : 64;
  return (signed, signature) => signature.length === bytes && verify(null, signed, key, signature);
}

type RsaName = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512';
type EcdsaName = 'ES256' | 'ES384' | 'ES512';
