import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';

/** A key that a caller can prove to have (RFC 9449). */
export interface DpopKey {
  readonly publicKey: JWK;
  /** RFC 7638. */
  readonly thumbprint: string;
  /** Signs a proof for one request. */
  proof(about: DpopRequest): Promise<string>;
}

/** The request that a proof is for. */
export interface DpopRequest {
  readonly method: string;
  readonly url: string;
  readonly accessToken?: string;
}

/** Makes a new key. */
export async function dpopKey(): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    publicKey: jwk,
    thumbprint: await calculateJwkThumbprint(jwk),
    proof: ({ method, url, accessToken }) =>
      new SignJWT({
        htm: method,
        htu: url,
        jti: randomUUID(),
        ...(accessToken === undefined
          ? {}
          : { ath: createHash('sha256').update(accessToken).digest('base64url') }),
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .setIssuedAt()
        .sign(privateKey),
  };
}
