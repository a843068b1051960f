import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminConfig, AdminRole, GatewayConfig } from '@turnpike/config';

/** Who may do what: everyone may do what those before may. */
const RANK: Readonly<Record<AdminRole, number>> = { viewer: 0, editor: 1, admin: 2 };

/** A token may be written as its digest: then who reads the configuration still does not know it. */
const DIGEST = /^sha256:([0-9a-f]{64})$/;

const SCHEME = /^Bearer +([\x21-\x7e]+) *$/i;

/** Tells the role of a caller from its `Authorization`. */
export type Authenticate = (authorization: string | undefined) => AdminRole | null;

/** Whether a role includes another. */
export function covers(role: AdminRole, needed: AdminRole): boolean {
  return RANK[role] >= RANK[needed];
}

/**
 * Makes the check of tokens (RFC 6750 §2.1). It compares digests, all of them and in constant time, so that neither the
 * bytes nor the number of the token that fits can be learnt from how long it takes.
 */
export function authenticator(tokens: AdminConfig['tokens']): Authenticate {
  const known = tokens.map(({ token, role }) => ({ digest: digestOf(token), role }));
  return (authorization) => {
    const [, token] = SCHEME.exec(authorization ?? '') ?? [];
    if (token === undefined) return null;
    const digest = sha256(token);
    let found: AdminRole | null = null;
    for (const one of known) {
      const fits = timingSafeEqual(one.digest, digest);
      if (fits && (found === null || covers(one.role, found))) found = one.role;
    }
    return found;
  };
}

/**
 * The configuration with the admin tokens as digests, for the disk. Not without the admin API, because a gateway that
 * starts from the disk needs it most: nobody could ask it how it is.
 */
export function withHashedTokens(config: GatewayConfig): GatewayConfig {
  const { admin } = config;
  if (admin === null) return config;
  const tokens = admin.tokens.map(({ token, role }) => ({
    token: `sha256:${digestOf(token).toString('hex')}`,
    role,
  }));
  return { ...config, admin: { ...admin, tokens } };
}

/**
 * The same with the keys of consumers as digests too. Other secrets stay as they are, because a start from the disk needs
 * them; the file is for its owner only.
 */
export function withHashedSecrets(config: GatewayConfig): GatewayConfig {
  const consumers = config.consumers.map((consumer) => ({
    ...consumer,
    keys: consumer.keys.map(({ key, expiresAtMs }) => ({
      key: `sha256:${digestOf(key).toString('hex')}`,
      expiresAtMs,
    })),
  }));
  return { ...withHashedTokens(config), consumers };
}

function digestOf(token: string): Buffer {
  const [, hex] = DIGEST.exec(token) ?? [];
  return hex === undefined ? sha256(token) : Buffer.from(hex, 'hex');
}

function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
