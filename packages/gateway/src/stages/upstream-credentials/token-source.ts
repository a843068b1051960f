import type { AccessToken } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { Remembered } from '../../core/remembered.ts';

/** What came of asking a provider for a token. */
export type ServiceToken =
  /** As the value of `Authorization` (RFC 6750 §2.1). */
  | { readonly kind: 'token'; readonly authorization: string }
  /** The provider gives none. */
  | { readonly kind: 'refused' }
  /** The provider does not answer, or with what is no token. */
  | { readonly kind: 'unavailable' };

/** Asks the provider; the argument is the token to exchange, or `''`. */
export type FetchToken = (subjectToken: string) => Promise<AccessToken>;

/**
 * An answer and how long it is good: on the clock that nobody sets, or a step of the other would keep an answer for as long as it
 * went back. A token ends on the wall clock too, which goes on while a machine sleeps.
 */
interface Kept {
  readonly answer: ServiceToken;
  readonly refreshAtMs: number;
  readonly goodUntilMs: number;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** What one generation of kept answers may take, in characters of tokens: thousands of callers. */
const MAX_KEPT = 8 * 1024 * 1024;
/** What an answer takes beside its texts, about. */
const OVERHEAD = 256;
/** A token is not sent when it might end on its way. Of tokens with a short life it takes a fifth. */
const MARGIN_MS = 30_000;
/** After this part of the time for which a token may be sent, the next one is fetched beside the requests. */
const REFRESH_AFTER = 0.8;
/** A provider in trouble is asked once in this time by each thread, not by each request. */
export const PAUSE_MS = 1000;
/** What fits into a field line of ours and cannot end it (RFC 6749 §A.12). */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/**
 * Tokens of one provider for one use: kept as long as they are good, fetched once for all who wait, and early enough that
 * usually nobody does. Token strings are the keys: they are held by the identities anyway, and hashing costs more.
 */
export class TokenSource {
  readonly #fetch: FetchToken;
  readonly #clock: Clock;
  readonly #kept = new Remembered<Kept>(MAX_KEPT, weightOf);
  readonly #underWay = new Map<string, Promise<ServiceToken>>();

  constructor(fetch: FetchToken, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** The answer that is at hand, or null if there is none that is still good. */
  recall(subjectToken: string): ServiceToken | null {
    const kept = this.#keptGood(subjectToken);
    if (kept === null) return null;
    if (this.#clock.now() >= kept.refreshAtMs) void this.obtain(subjectToken);
    return kept.answer;
  }

  /** Asks the provider, unless it is being asked. Never rejects; who asks for us logs what went wrong. */
  obtain(subjectToken: string): Promise<ServiceToken> {
    let answer = this.#underWay.get(subjectToken);
    if (answer === undefined) {
      answer = this.#ask(subjectToken).finally(() => this.#underWay.delete(subjectToken));
      this.#underWay.set(subjectToken, answer);
    }
    return answer;
  }

  async #ask(subjectToken: string): Promise<ServiceToken> {
    let kept: Kept;
    try {
      kept = keptToken(await this.#fetch(subjectToken), this.#clock);
    } catch (error) {
      const isRefused = error instanceof GatewayError && error.code === 'UNAUTHENTICATED';
      kept = this.#keptFailure(subjectToken, { kind: isRefused ? 'refused' : 'unavailable' });
    }
    this.#kept.set(subjectToken, kept);
    return kept.answer;
  }

  /** A token in hand outlives failures to replace it. */
  #keptFailure(subjectToken: string, failure: ServiceToken): Kept {
    const untilMs = this.#clock.now() + PAUSE_MS;
    const before = this.#keptGood(subjectToken);
    if (before?.answer.kind === 'token') return { ...before, refreshAtMs: untilMs };
    return { answer: failure, refreshAtMs: untilMs, goodUntilMs: untilMs, expiresAtMs: Infinity };
  }

  #keptGood(subjectToken: string): Kept | null {
    const kept = this.#kept.get(subjectToken);
    if (kept === undefined || this.#clock.now() >= kept.goodUntilMs) return null;
    return this.#clock.epoch() < kept.expiresAtMs ? kept : null;
  }
}

function weightOf(subjectToken: string, { answer }: Kept): number {
  return subjectToken.length + (answer.kind === 'token' ? answer.authorization.length : 0) + OVERHEAD;
}

function keptToken({ token, expiresAtMs }: AccessToken, clock: Clock): Kept {
  if (!TOKEN.test(token)) throw new GatewayError('UPSTREAM_INVALID', 'what the provider gave is no token');
  const [nowMs, lifetimeMs] = [clock.now(), expiresAtMs - clock.epoch()];
  const usableMs = lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 5);
  return {
    answer: { kind: 'token', authorization: `Bearer ${token}` },
    refreshAtMs: nowMs + usableMs * REFRESH_AFTER,
    goodUntilMs: nowMs + usableMs,
    expiresAtMs,
  };
}
