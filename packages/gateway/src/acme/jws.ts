import { createHash, createHmac, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** A signed message in the flattened form of JSON (RFC 7515 §7.2.2). */
export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** Signs with ES256, as every request of ACME is signed (RFC 8555 §6.2). Without payload it is a POST-as-GET. */
export function signedJws(header: object, payload: object | null, key: KeyObject): Jws {
  return jws({ alg: 'ES256', ...header }, payload, (text) =>
    sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }),
  );
}

/** Binds an account to one that the authority knows already (RFC 8555 §7.3.4). `hmacKey` is in base64url. */
export function accountBinding(
  account: KeyObject,
  { keyId, hmacKey }: { readonly keyId: string; readonly hmacKey: string },
  url: string,
): Jws {
  const secret = Buffer.from(hmacKey, 'base64url');
  return jws({ alg: 'HS256', kid: keyId, url }, publicJwk(account), (text) =>
    createHmac('sha256', secret).update(text).digest(),
  );
}

/** The public half of a key of P-256, its members in the order of RFC 7638 §3. */
export function publicJwk(key: KeyObject): object {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return { crv, kty, x, y };
}

/** What a challenge is answered with (RFC 8555 §8.1). */
export function keyAuthorization(token: string, account: KeyObject): string {
  const thumbprint = createHash('sha256')
    .update(JSON.stringify(publicJwk(account)))
    .digest('base64url');
  return `${token}.${thumbprint}`;
}

function jws(header: object, payload: object | null, sealed: (text: string) => Buffer): Jws {
  const protectedPart = base64url(JSON.stringify(header));
  const payloadPart = payload === null ? '' : base64url(JSON.stringify(payload));
  const signature = sealed(`${protectedPart}.${payloadPart}`).toString('base64url');
  return { protected: protectedPart, payload: payloadPart, signature };
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
