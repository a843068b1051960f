import type { IdentityProviderConfig, LoginConfig } from '@turnpike/config';
import type { Desk, NewsStand } from '../../core/desk.ts';
import type { Claims, Refusal } from '../../core/identity.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { LoginAttempts } from './login-attempts.ts';
import type { SessionCookies } from './session-cookies.ts';

/** What logins reach the world through. */
export interface LoginPorts {
  readonly desk: Desk;
  readonly news: Pick<NewsStand, 'latest'>;
  readonly verifyLogoutToken: VerifyLogoutToken;
  readonly clock: Clock;
  readonly log: Log;
}

/** Verifies the type, issuer, times and signature of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6). */
export type VerifyLogoutToken = (provider: string, token: string) => Promise<VerifiedToken | Refusal>;

/** A token that its provider signed. */
export interface VerifiedToken {
  readonly kind: 'verified';
  readonly claims: Claims;
}

/** A provider that browsers log in at. */
export type LoginProvider = IdentityProviderConfig & { readonly login: LoginConfig };

/** What the steps of a login share. */
export interface LoginParts {
  readonly provider: LoginProvider;
  readonly ports: LoginPorts;
  readonly attempts: LoginAttempts;
  readonly cookies: SessionCookies;
}
