import type { BrowserLogin, LogoutOutcome } from '../../core/browser-login.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Claims, Json, Refusal } from '../../core/identity.ts';
import { Remembered } from '../../core/remembered.ts';
import type { LoginPorts, LoginProvider } from './login-ports.ts';
import { unavailable } from './login-refusals.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Logout tokens live for two minutes (Back-Channel Logout 1.0 §4); those of older providers do not say so. */
const TOKEN_LIFETIME_MS = 120_000;

/** Tokens that are known again, of one generation. */
const MAX_REMEMBERED = 10_000;

/** Whom a logout token means, and when. */
interface LogoutClaims {
  readonly session: string | null;
  readonly subject: string | null;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly tokenId: string;
}

/**
 * Ends the sessions that a provider says are over (OpenID Connect Back-Channel Logout 1.0 §2.6). A token that comes twice
 * changes nothing the second time: the provider may not have heard our answer, and nobody else can use it again.
 */
export function endSessions(provider: LoginProvider, ports: LoginPorts): BrowserLogin['end'] {
  const { id, login, clockToleranceMs } = provider;
  const known = new Remembered<true>(MAX_REMEMBERED);

  return async (logoutToken) => {
    const verified = await ports.verifyLogoutToken(id, logoutToken);
    if (verified.kind === 'refused')
      return verified.code === 'UNAUTHENTICATED' ? invalid(unverified(verified)) : verified;
    const claims = logoutClaims(verified.claims, login.clientId);
    if (typeof claims === 'string') return invalid(claims);
    const { session, subject, issuedAtMs, expiresAtMs, tokenId } = claims;
    const nowMs = ports.clock.epoch();
    if (nowMs > expiresAtMs + clockToleranceMs) return invalid('The logout token is too old.');
    if (known.get(tokenId) !== undefined) return { kind: 'ended' };
    // By our clock, but not later than the provider can have meant.
    const endedAtMs = Math.min(nowMs, issuedAtMs + 999 + clockToleranceMs);
    try {
      await ports.desk.run('end-sessions', { provider: id, session, subject, endedAtMs });
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return unavailable(id);
    }
    known.set(tokenId, true);
    ports.log.info('a provider ended sessions', {
      provider: id,
      by: session === null ? 'subject' : 'session',
    });
    return { kind: 'ended' };
  };
}

/** What the token says, or what is wrong with it. Its issuer, signature and times were looked at. */
function logoutClaims(
  { aud, events, nonce, sub, sid, iat, exp, jti }: Claims,
  clientId: string,
): LogoutClaims | string {
  if (aud !== clientId && !(Array.isArray(aud) && aud.includes(clientId)))
    return 'The logout token is for another client.';
  if (!hasLogoutEvent(events)) return 'The logout token has no logout event.';
  if (nonce !== undefined) return 'The logout token has a nonce: it may be an ID token.';
  if (typeof iat !== 'number' || typeof jti !== 'string') return 'The logout token has no iat or no jti.';
  const session = typeof sid === 'string' ? sid : null;
  const subject = typeof sub === 'string' ? sub : null;
  if (session === null && subject === null) return 'The logout token names neither a session nor a subject.';
  const issuedAtMs = iat * 1000;
  const expiresAtMs = typeof exp === 'number' ? exp * 1000 : issuedAtMs + TOKEN_LIFETIME_MS;
  return { session, subject, issuedAtMs, expiresAtMs, tokenId: jti };
}

function hasLogoutEvent(events: Json | undefined): boolean {
  if (typeof events !== 'object' || events === null || !Object.hasOwn(events, EVENT)) return false;
  const event = (events as { readonly [name: string]: Json })[EVENT];
  return typeof event === 'object' && event !== null;
}

/** The reason is one of a closed list. */
function unverified({ reason }: Refusal): string {
  return `The logout token is not accepted: ${reason}.`;
}

function invalid(detail: string): LogoutOutcome {
  return { kind: 'invalid', detail };
}
