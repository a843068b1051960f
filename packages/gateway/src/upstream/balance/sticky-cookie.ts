import { createHmac } from 'node:crypto';
import type { StickyConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { cookieValue } from '../../core/http/cookies.ts';

/** Of a value, in characters of six bits: the first find who is meant, the others prove that we wrote it. */
const NAME_LENGTH = 12;
const PROOF_LENGTH = 20;

/** Values that were worked out, by whom they name. They outlive balancers: each costs two microseconds. */
export type StickyValues = Map<string, string>;

/**
 * The cookie that binds callers to one of several, such as an endpoint of a service.
 *
 * Its value is one HMAC over scope and name, cut to 192 bits. 72 of them are looked up, so the cookie says nothing of
 * addresses; the 120 others are compared in constant time, so nobody makes a value for an endpoint that he did not get.
 */
export class StickyCookie {
  readonly #name: string;
  readonly #attributes: string;
  /** In the order in which the names were given. */
  readonly #values: readonly string[];
  readonly #byName: ReadonlyMap<string, number>;

  /**
   * `names` are those to whom callers are bound; `scope` keeps equal names of different services apart. `known` are values
   * of before, and is brought up to date.
   */
  constructor(config: StickyConfig, key: string | Uint8Array, { scope, names, known }: StickyNames) {
    this.#name = config.cookie;
    this.#attributes = attributesOf(config);
    this.#values = names.map((name) => known.get(name) ?? valueOf(key, scope, name));
    this.#byName = new Map(this.#values.map((value, index) => [value.slice(0, NAME_LENGTH), index]));
    known.clear();
    names.forEach((name, index) => known.set(name, this.#values[index] ?? ''));
  }

  /** To whom the caller is bound: an index, {@link UNBOUND}, or {@link GONE}. */
  boundTo(exchange: Exchange): number {
    const value = cookieValue(exchange.headers, this.#name);
    if (value === undefined || value.length !== NAME_LENGTH + PROOF_LENGTH) return UNBOUND;
    const index = this.#byName.get(value.slice(0, NAME_LENGTH));
    if (index === undefined) return GONE;
    return isEqual(value, this.#values[index] ?? '') ? index : UNBOUND;
  }

  /** The `Set-Cookie` that binds the caller; null when it is bound there already. */
  setCookie(index: number, exchange: Exchange): string | null {
    if (this.boundTo(exchange) === index) return null;
    const value = this.#values[index];
    if (value === undefined) return null;
    const secure = exchange.arrival.scheme === 'https' ? '; Secure' : '';
    return `${this.#name}=${value}${this.#attributes}${secure}`;
  }
}

/** Who may be named in a cookie. */
export interface StickyNames {
  readonly scope: string;
  readonly names: readonly string[];
  readonly known: StickyValues;
}

/** The caller has no cookie, or one that we did not write. */
export const UNBOUND = -1;
/** The caller has a cookie of somebody who is not there any more, or looks like it. */
export const GONE = -2;

function attributesOf({ lifetimeMs }: StickyConfig): string {
  const maxAge = lifetimeMs === 0 ? '' : `; Max-Age=${Math.ceil(lifetimeMs / 1000)}`;
  return `; Path=/${maxAge}; HttpOnly; SameSite=Lax`;
}

function valueOf(key: string | Uint8Array, scope: string, name: string): string {
  const mac = createHmac('sha256', key).update(`sticky ${scope.length} ${scope}${name}`).digest('base64url');
  return mac.slice(0, NAME_LENGTH + PROOF_LENGTH);
}

/** Two texts of the same length. Takes as long wherever they differ. */
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}
