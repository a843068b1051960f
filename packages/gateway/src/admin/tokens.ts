import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminConfig, GatewayConfig } from '@turnpike/config';
import { callerOf, covers, type AdminCaller } from './callers.ts';

/** A token may be written as its digest: then who reads the configuration still does not know it. */
const DIGEST = /^sha256:([0-9a-f]{64})$/;

const SCHEME = /^Bearer +([\x21-\x7e]+) *$/i;

/** Tells a caller from its `Authorization`. */
export type Authenticate = (authorization: string | undefined) => AdminCaller | null;

/**
 * Makes the check of tokens (RFC 6750 §2.1). It compares digests, all of them and in constant time, so that neither the
 * bytes nor the number of the token that fits can be learnt from how long it takes.
 */
export function authenticator(tokens: AdminConfig['tokens']): Authenticate {
  const known = tokens.map((one, index) => ({
    digest: digestOf(one.token),
    caller: callerOf(one, 'token', `token ${index + 1}`),
  }));
  return (authorization) => {
    const [, token] = SCHEME.exec(authorization ?? '') ?? [];
    if (token === undefined) return null;
    const digest = sha256(token);
    let found: AdminCaller | null = null;
    for (const one of known) {
      const fits = timingSafeEqual(one.digest, digest);
      if (fits && mayMore(one.caller, found)) found = one.caller;
    }
    return found;
  };
}

/** The same token may stand there twice: then it may do what the better one may. */
function mayMore({ role }: AdminCaller, found: AdminCaller | null): boolean {
  return found === null || found.role === null || (role !== null && covers(role, found.role));
}

/**
 * The configuration with the admin tokens as digests, for the disk. Not without the admin API, because a gateway that
 * starts from the disk needs it most: nobody could ask it how it is.
 */
export function withHashedTokens(config: GatewayConfig): GatewayConfig {
  const { admin } = config;
  if (admin === null) return config;
  const tokens = admin.tokens.map(({ token, ...about }) => ({
    token: `sha256:${digestOf(token).toString('hex')}`,
    ...about,
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
