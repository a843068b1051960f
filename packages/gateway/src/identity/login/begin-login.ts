import { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import type { Authentication } from '../../core/identity.ts';
import { beginAttempt, challengeOf, type LoginAttempt } from './login-attempts.ts';
import type { LoginParts } from './login-ports.ts';
import { insecure, unavailable } from './login-refusals.ts';
import { isNavigation } from './navigation.ts';
import { keepsCookies, publicOrigin } from './public-origin.ts';
import { returnPath } from './return-path.ts';

/** Sends a browser to log in, if the request is one that a login page is an answer to. */
export type BeginLogin = (exchange: Exchange) => Promise<Authentication>;

/**
 * Logins by authorization code with PKCE (OpenID Connect Core §3.1.2.1, RFC 7636, RFC 9700 §2.1.1). For a route where a
 * caller has brought nothing else; `anonymous` for all that is no page.
 */
export function beginLogin({ provider, ports, attempts, cookies }: LoginParts): BeginLogin {
  const { id, login } = provider;
  let hasWarned = false;

  return async (exchange) => {
    if (!isNavigation(exchange)) return { kind: 'anonymous' };
    const origin = login.publicOrigin ?? publicOrigin(exchange);
    if (origin === null || !keepsCookies(origin)) {
      if (!hasWarned)
        ports.log.warn('no login over plain http: browsers keep no session there', { provider: id, origin });
      hasWarned = true;
      return insecure();
    }
    const endpoint = await authorizationEndpoint(id, ports);
    if (endpoint === null) return unavailable(id);
    const wanted = returnPath(exchange.path + exchange.query);
    const attempt = beginAttempt(origin + login.callbackPath, wanted, ports.clock.epoch());
    const headers = headersOf(
      ['Location', authorizationUrl(endpoint, login, attempt)],
      ['Cache-Control', 'no-store'],
    );
    // Cookies that did not let the caller in are of no use any more.
    const setCookies = [...cookies.forget(exchange.headers), ...attempts.keep(attempt, exchange.headers)];
    for (const value of setCookies) headers.append('Set-Cookie', value);
    return { kind: 'login', reply: { status: 302, headers, body: '', code: '', tunnel: null } };
  };
}

/** As it is known, or as it is after one try to learn it. */
async function authorizationEndpoint(
  id: string,
  { news, desk }: LoginParts['ports'],
): Promise<string | null> {
  const known = news.latest('provider', id)?.authorizationEndpoint ?? null;
  if (known !== null) return known;
  try {
    await desk.run('refresh-keys', { provider: id });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return null; // the supervisor has logged why
  }
  return news.latest('provider', id)?.authorizationEndpoint ?? null;
}

function authorizationUrl(
  endpoint: string,
  { clientId, scopes }: LoginParts['provider']['login'],
  attempt: LoginAttempt,
): string {
  const url = new URL(endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: attempt.redirectUri,
    scope: scopes.join(' '),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: challengeOf(attempt),
    code_challenge_method: 'S256',
  };
  // The endpoint may have a query of its own (RFC 6749 §3.1).
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
