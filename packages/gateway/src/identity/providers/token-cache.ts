import type { AccessToken } from '../../core/desk.ts';
import type { Clock } from '../../core/ports.ts';
import { ExpiringMap } from './expiring-map.ts';
import { SingleFlight } from './single-flight.ts';

interface CachedToken {
  readonly token: AccessToken;
  /** From when on a new one is got while this one is still given. */
  readonly agesAtMs: number;
  /** Until when it is given without asking. */
  readonly goodUntilMs: number;
}

/**
 * Tokens for services, by what they are for. One that is about to age is replaced in the background, and nobody waits;
 * one that is near its end is given only when no other can be had.
 */
export class TokenCache {
  readonly #clock: Clock;
  readonly #tokens: ExpiringMap<CachedToken>;
  readonly #flights = new SingleFlight<AccessToken>();

  constructor(clock: Clock, maxTokens: number) {
    this.#clock = clock;
    this.#tokens = new ExpiringMap(clock, maxTokens);
  }

  /** Gives the token of `key`, got by `obtain` unless there is one. */
  async get(key: string, obtain: () => Promise<AccessToken>): Promise<AccessToken> {
    const cached = this.#tokens.get(key);
    const nowMs = this.#clock.epoch();
    if (cached !== null && nowMs < cached.agesAtMs) return cached.token;
    const fresh = this.#flights.run(key, () => this.#obtain(key, obtain));
    if (cached === null) return fresh;
    const orOld = fresh.catch(() => cached.token); // the next who asks tries again
    return nowMs < cached.goodUntilMs ? cached.token : orOld;
  }

  async #obtain(key: string, obtain: () => Promise<AccessToken>): Promise<AccessToken> {
    const token = await obtain();
    const nowMs = this.#clock.epoch();
    const lifetimeMs = token.expiresAtMs - nowMs;
    const marginMs = Math.min(Math.max(MARGIN_MS, lifetimeMs / 10), lifetimeMs / 2);
    const goodForMs = lifetimeMs - marginMs;
    const times = { goodUntilMs: nowMs + goodForMs, agesAtMs: nowMs + goodForMs * EARLY };
    // Kept a little less than it lives: it still has to travel.
    this.#tokens.set(key, { token, ...times }, token.expiresAtMs - Math.min(TRAVEL_MS, marginMs));
    return token;
  }
}

const MARGIN_MS = 30_000;
const TRAVEL_MS = 2000;
const EARLY = 0.8;
