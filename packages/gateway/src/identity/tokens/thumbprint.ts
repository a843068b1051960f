import { hash } from 'node:crypto';

import type { UntrustedJwk } from './verification-key.ts';

/** The members that make a key what it is, in the order in which they are hashed (RFC 7638 §3.2, RFC 8037 §2). */
const MEMBERS = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
]);

/** The SHA-256 thumbprint of a public key in base64url (RFC 7638); null for what is not one. */
export function thumbprint(jwk: UntrustedJwk): string | null {
  const { kty } = jwk;
  const names = typeof kty === 'string' ? MEMBERS.get(kty) : undefined;
  if (names === undefined || names.some((name) => typeof jwk[name] !== 'string')) return null;
  const members = names.map((name) => `"${name}":${JSON.stringify(jwk[name])}`);
  return hash('sha256', `{${members.join(',')}}`, 'base64url');
}
