import { hash } from 'node:crypto';
import type { StickyConfig } from '@turnpike/config';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { cookieValue } from '../../core/http/cookies.ts';
import { schemeOf } from '../../core/http/scheme.ts';
import { signedValue } from '../../core/signed-value.ts';
import type { Side } from './sides.ts';

/** Whose cookie it is. */
export interface SideCookiePlan {
  readonly route: string;
  readonly sides: readonly Side[];
}

/** Keeps a caller on its side. */
export interface SideCookie {
  /** The side on which the caller is; null: on none, or on one that is not for callers any more. */
  read(exchange: Exchange): Side | null;
  /** The reply, with which the caller gets the cookie. */
  keep(exchange: Exchange, reply: Reply, side: Side): Reply;
}

/**
 * The cookie of a route. It is signed, so that nobody chooses a side for himself, and says nothing of our services: their names are
 * hashed. It is good for this route only. A reply that is our own error binds nobody to the side that could not answer.
 */
export function sideCookie(
  { cookie, secret, lifetimeMs }: StickyConfig,
  { route, sides }: SideCookiePlan,
  ownKey: Uint8Array | null,
): SideCookie {
  const key = secret === null ? ownKey : Buffer.from(secret);
  if (key === null) throw new Error(`Route ${route}: there is no key to sign its cookie with`);
  const values = signedValue(key, `side of ${route}`);
  const byAlias = new Map(sides.map((side) => [aliasOf(route, side), side]));
  const lifetime = lifetimeMs === 0 ? '' : `; Max-Age=${Math.ceil(lifetimeMs / 1000)}`;
  const written = new Map(
    sides.map((side) => [
      side,
      `${cookie}=${values.sign(aliasOf(route, side))}; Path=/; HttpOnly; SameSite=Lax`,
    ]),
  );

  return {
    read({ headers }) {
      const value = cookieValue(headers, cookie);
      const alias = value === undefined ? null : values.verify(value);
      const side = alias === null ? undefined : byAlias.get(alias);
      return side === undefined || side.weight === 0 ? null : side;
    },
    keep(exchange, reply, side) {
      if (reply.code !== '') return reply;
      const secure = schemeOf(exchange) === 'https' ? '; Secure' : '';
      const bound = { ...reply, headers: reply.headers.share() };
      exchange.bind(bound, `${written.get(side)}${lifetime}${secure}`);
      return bound;
    },
  };
}

/** 48 bits: the sides of a route are few. */
function aliasOf(route: string, { service }: Side): string {
  return hash('sha256', `${route}\n${service}`, 'base64url').slice(0, 8);
}
