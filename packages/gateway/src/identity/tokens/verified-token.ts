import type { Claims, Identity } from '../../core/identity.ts';
import { flattened } from '../../core/latin1.ts';
import type { Clock } from '../../core/ports.ts';
import { Remembered } from '../../core/remembered.ts';
import type { Confirmation } from './confirmation.ts';
import type { Provider } from './provider.ts';
import { tokenIdentity } from './token-identity.ts';
import type { VerificationKey } from './verification-key.ts';

/** A token that its provider vouches for. Whether it belongs to who presents it is another question. */
export interface VerifiedToken {
  readonly kind: 'verified';
  readonly provider: Provider;
  readonly identity: Identity;
  readonly confirmation: Confirmation | null;
  /** That it was signed with; null: the provider was asked. */
  readonly key: VerificationKey | null;
  /** By what it says itself, in milliseconds since 1970. */
  readonly goodUntilMs: number;
  /** Until when what its provider has said may be believed, on the clock that nobody sets; Infinity: it speaks for itself. */
  readonly askAgainAtMs: number;
  /** About how much memory it takes. */
  readonly bytes: number;
}

/** What makes a token a verified one. */
export type Proven = Pick<
  VerifiedToken,
  'provider' | 'confirmation' | 'key' | 'goodUntilMs' | 'askAgainAtMs'
> & {
  readonly token: string;
  readonly claims: Claims;
};

/** The `Authorization` with which tokens come nearly always: remembered whole, it is found without cutting anything. */
const SCHEME = 'Bearer ';
/** Of a generation; there are two. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_TOKENS = 10_000;
/** Objects, and the entry of the map. */
const OVERHEAD_BYTES = 1024;
/** What a byte of claims takes as values. */
const BYTES_PER_BYTE = 4;

/** Puts together what was proven; null when the token names nobody. */
export function verifiedToken({ token, claims, ...proven }: Proven): VerifiedToken | null {
  // A copy, because the token is a slice of the whole head of its request.
  const own = flattened(SCHEME + token).slice(SCHEME.length);
  const identity = tokenIdentity(proven.provider.config.id, own, claims);
  if (identity === null) return null;
  const bytes = OVERHEAD_BYTES + token.length + BYTES_PER_BYTE * JSON.stringify(claims).length;
  return { kind: 'verified', ...proven, identity, bytes };
}

/**
 * The verified tokens of a thread, as long as they are good: at most 20,000, and 64 MiB.
 *
 * By the text itself, because to look it up costs less than to hash it. How long a look takes gives nothing away: texts
 * are compared only when their hashes are equal, and those have a secret seed.
 */
export class TokenMemory {
  readonly #tokens = new Remembered<VerifiedToken>(MAX_BYTES, (_, { bytes }) =>
    Math.max(bytes, MAX_BYTES / MAX_TOKENS),
  );

  /** The token that this `Authorization` brings, if it is known and still good; spelled `Bearer` and one space. */
  find(field: string, clock: Clock): VerifiedToken | null {
    const token = this.#tokens.get(field);
    if (token === undefined) return null;
    const { goodUntilMs, askAgainAtMs, key, provider } = token;
    const isBacked = key === null ? clock.now() < askAgainAtMs : provider.has(key);
    if (isBacked && clock.epoch() < goodUntilMs) return token;
    this.#tokens.delete(field);
    return null;
  }

  findToken(token: string, clock: Clock): VerifiedToken | null {
    return this.find(SCHEME + token, clock);
  }

  keep(token: VerifiedToken): void {
    this.#tokens.set(flattened(SCHEME + token.identity.token), token);
  }

  clear(): void {
    this.#tokens.clear();
  }
}
