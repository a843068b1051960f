import { randomBytes } from 'node:crypto';
import type { SessionTokens } from '../../core/desk.ts';
import type { Claims, Identity } from '../../core/identity.ts';
import type { LoginProvider } from './login-ports.ts';

/** A login that lasts. Lives in cookies of the browser, so every thread, restart and gateway of a fleet knows it. */
export interface Session {
  /** Ours, and only for ending it; nobody else sees it. */
  readonly id: string;
  /** Milliseconds since 1970, as all times here. */
  readonly beganAtMs: number;
  /** When it was last seen in use; told to the browser from time to time only. */
  readonly usedAtMs: number;
  readonly accessToken: string;
  readonly obtainedAtMs: number;
  /** Of the access token; Infinity when the provider did not say. */
  readonly expiresAtMs: number;
  readonly refreshToken: string | null;
  readonly idToken: string;
  /** Of the ID token, which the supervisor verified. */
  readonly claims: Claims;
  readonly scopes: readonly string[];
}

/** How long sessions last. */
export interface SessionLimits {
  readonly lifetimeMs: number;
  readonly idleMs: number;
}

/** A token is renewed when so much of its time is left: a tenth, and a minute at most. */
const RENEWAL_PART = 0.1;
const MAX_RENEWAL_MS = 60_000;

/** A browser is told when so much of the idle time is over; by so much a session may end early. */
const TOUCH_PART = 0.25;

/** A session from what a provider gave for a login; null without an ID token that says who it is. */
export function beginSession(tokens: SessionTokens, nowMs: number): Session | null {
  const { idToken, claims } = tokens;
  if (idToken === null || typeof claims?.['sub'] !== 'string') return null;
  return {
    id: randomBytes(16).toString('base64url'),
    beganAtMs: nowMs,
    usedAtMs: nowMs,
    accessToken: tokens.token,
    obtainedAtMs: nowMs,
    expiresAtMs: tokens.expiresAtMs,
    refreshToken: tokens.refreshToken,
    idToken,
    claims,
    scopes: tokens.scopes,
  };
}

/**
 * The session with new tokens; null when they are somebody else's (OpenID Connect Core §12.2). An ID token that does not
 * name the session any more is left out: without its `sid` the provider could not end it.
 */
export function renewSession(session: Session, tokens: SessionTokens, nowMs: number): Session | null {
  const { sub, sid } = session.claims;
  const { claims } = tokens;
  if (claims !== null && claims['sub'] !== sub) return null;
  const isNamed = claims !== null && (sid === undefined || claims['sid'] === sid);
  const named = isNamed && tokens.idToken !== null ? { idToken: tokens.idToken, claims } : {};
  return {
    ...session,
    ...named,
    usedAtMs: nowMs,
    accessToken: tokens.token,
    obtainedAtMs: nowMs,
    expiresAtMs: tokens.expiresAtMs,
    refreshToken: tokens.refreshToken ?? session.refreshToken,
    scopes: tokens.scopes.length === 0 ? session.scopes : tokens.scopes,
  };
}

/** When it ends for want of use or of age, whatever its tokens say. */
export function sessionEndMs(session: Session, { lifetimeMs, idleMs }: SessionLimits): number {
  return Math.min(session.beganAtMs + lifetimeMs, session.usedAtMs + idleMs);
}

/** When its token should be renewed. Early, so that no request has to wait for a provider that is away for a moment. */
export function renewalDueMs({ obtainedAtMs, expiresAtMs }: Session): number {
  return expiresAtMs - Math.min(MAX_RENEWAL_MS, (expiresAtMs - obtainedAtMs) * RENEWAL_PART);
}

/** When the browser should be told that it is still in use. */
export function touchDueMs({ usedAtMs }: Session, { idleMs }: SessionLimits): number {
  return usedAtMs + idleMs * TOUCH_PART;
}

/** Who a session says is calling. */
export function sessionIdentity(session: Session, { id, login }: LoginProvider): Identity {
  const { sub } = session.claims;
  const subject = typeof sub === 'string' ? sub : '';
  return {
    method: 'session',
    provider: id,
    subject,
    consumer: '',
    clientId: login.clientId,
    scopes: session.scopes,
    claims: session.claims,
    metadata: {},
    plan: '',
    key: `${id}:${subject}`,
    token: session.accessToken,
    expiresAtMs: Math.min(session.expiresAtMs, session.beganAtMs + login.session.lifetimeMs),
  };
}
