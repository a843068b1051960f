import { createHash, randomBytes } from 'node:crypto';
import type { Headers } from '../../core/headers.ts';
import { cookieNames, cookieValue } from '../../core/http/cookies.ts';
import { sealer, type Sealer } from './sealer.ts';
import { expireCookie, setCookie } from './set-cookie.ts';

/** A login that a browser was sent away for, and that it has not come back from. */
export interface LoginAttempt {
  /** Comes back with the browser, so that nobody can make it finish a login that it did not begin (RFC 6749 §10.12). */
  readonly state: string;
  /** Comes back in the ID token, so that one of another login is of no use (OpenID Connect Core §15.5.2). */
  readonly nonce: string;
  /** Shows that who redeems the code is who asked for it (RFC 7636). */
  readonly verifier: string;
  readonly redirectUri: string;
  /** Path and query of what the browser wanted. */
  readonly returnTo: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** How long somebody may take to log in. */
const ATTEMPT_MS = 600_000;

/** Tabs that log in at the same time. What a browser keeps for us comes with every request. */
const MAX_ATTEMPTS = 5;

const PREFIX = '__Host-login-';
/** As much of the state as tells the attempts of one browser apart. */
const NAME_CHARACTERS = 8;
const OURS = /^__Host-login-[\w-]{8}$/;
const FORMAT = 1;

/** The cookies in which a browser keeps its attempts to log in at one provider. */
export class LoginAttempts {
  readonly #provider: string;
  readonly #sealer: Sealer;

  constructor(provider: string, secrets: readonly string[]) {
    this.#provider = provider;
    this.#sealer = sealer(secrets, 'login');
  }

  /** The values of `Set-Cookie` that make the browser keep it, and forget the oldest of too many. */
  keep(attempt: LoginAttempt, headers: Headers): string[] {
    const name = cookieNameOf(attempt.state);
    // Not compressed: what a caller chose, the path, must not tell by the length of the whole what else is in it.
    const value = this.#sealer.seal(Buffer.from(JSON.stringify(attempt)), this.#context(name));
    // Browsers send those first that they have had for longest (RFC 6265 §5.4).
    const others = cookieNames(headers, PREFIX).filter((other) => OURS.test(other) && other !== name);
    const tooMany = others.slice(0, Math.max(0, others.length - MAX_ATTEMPTS + 1));
    return [setCookie(name, value, ATTEMPT_MS / 1000), ...tooMany.map(expireCookie)];
  }

  /** The attempt with this state, if it was begun in this browser and is not over. */
  find(state: string, headers: Headers, nowMs: number): LoginAttempt | null {
    const name = cookieNameOf(state);
    const bytes = this.#sealer.open(cookieValue(headers, name) ?? '', this.#context(name));
    if (bytes === null) return null;
    const attempt = JSON.parse(bytes.toString()) as LoginAttempt;
    return attempt.state === state && nowMs < attempt.expiresAtMs ? attempt : null;
  }

  /** The value of `Set-Cookie` that makes the browser forget it: an attempt counts once. */
  forget({ state }: LoginAttempt): string {
    return expireCookie(cookieNameOf(state));
  }

  #context(name: string): string {
    return `${name} ${this.#provider} ${FORMAT}`;
  }
}

/** A new attempt; each of its secrets has 192 or 256 random bits. */
export function beginAttempt(redirectUri: string, returnTo: string, nowMs: number): LoginAttempt {
  return {
    state: randomBytes(24).toString('base64url'),
    nonce: randomBytes(24).toString('base64url'),
    verifier: randomBytes(32).toString('base64url'),
    redirectUri,
    returnTo,
    expiresAtMs: nowMs + ATTEMPT_MS,
  };
}

/** What the provider is shown of the verifier (`S256`, RFC 7636 §4.2). */
export function challengeOf({ verifier }: LoginAttempt): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function cookieNameOf(state: string): string {
  return PREFIX + state.slice(0, NAME_CHARACTERS);
}
