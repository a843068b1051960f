import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Claims } from '../../core/identity.ts';
import type { Session } from './session.ts';

/** More than fits into cookies; a bound all the same, for what is inflated. */
const MAX_BYTES = 32 * 1024;

/** For a cookie; null if it is too large. Tokens repeat each other: they shrink to about half, which saves one cookie of two. */
export function writeSession(session: Session): Buffer | null {
  const { id, beganAtMs, usedAtMs, obtainedAtMs, expiresAtMs, accessToken, refreshToken, idToken, scopes } =
    session;
  const times = [beganAtMs, usedAtMs, obtainedAtMs, expiresAtMs === Infinity ? null : expiresAtMs];
  // The claims are in the ID token.
  const text = Buffer.from(JSON.stringify([id, ...times, accessToken, refreshToken, idToken, scopes]));
  return text.length > MAX_BYTES ? null : deflateRawSync(text);
}

/** What `writeSession` wrote, and nothing else: the bytes were sealed. Null for what is too large. */
export function readSession(bytes: Buffer): Session | null {
  try {
    const text = inflateRawSync(bytes, { maxOutputLength: MAX_BYTES }).toString();
    const fields = JSON.parse(text) as Written;
    const [id, beganAtMs, usedAtMs, obtainedAtMs, expiresAtMs, accessToken, refreshToken, idToken, scopes] =
      fields;
    return {
      id,
      beganAtMs,
      usedAtMs,
      obtainedAtMs,
      expiresAtMs: expiresAtMs ?? Infinity,
      accessToken,
      refreshToken,
      idToken,
      claims: claimsOf(idToken),
      scopes,
    };
  } catch {
    return null; // it would not fit, or is of a version that we never wrote
  }
}

type Written = readonly [
  id: string,
  beganAtMs: number,
  usedAtMs: number,
  obtainedAtMs: number,
  expiresAtMs: number | null,
  accessToken: string,
  refreshToken: string | null,
  idToken: string,
  scopes: readonly string[],
];

/** Of a token that was verified before it was sealed (RFC 7519 §7.2). */
function claimsOf(idToken: string): Claims {
  const payload = Buffer.from(idToken.split('.', 2)[1] ?? '', 'base64url').toString();
  return Object.assign(Object.create(null), JSON.parse(payload)) as Claims;
}
