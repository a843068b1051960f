import type { BrowserLogin } from '../../core/browser-login.ts';
import type { SessionTokens } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import { queryValues } from '../../core/http/query.ts';
import type { LoginAttempt } from './login-attempts.ts';
import type { LoginParts } from './login-ports.ts';
import { returnPath } from './return-path.ts';
import { beginSession } from './session.ts';

/** What an error looks like; a browser may bring anything. */
const KNOWN_ERROR = /^[a-z_]{1,40}$/;

/** Errors with which a provider says that it is not the caller's fault (RFC 6749 §4.1.2.1). */
const PASSING = new Set(['server_error', 'temporarily_unavailable']);

/**
 * The way back of an authorization code (OpenID Connect Core §3.1.2.5). Only the browser that was sent away with this
 * `state` may come back with it, once; the session is a new one, whatever the browser had before.
 */
export function completeLogin({ provider, ports, attempts, cookies }: LoginParts): BrowserLogin['complete'] {
  return async ({ headers, query }) => {
    const [state, ...others] = queryValues(query, 'state');
    const isOne = typeof state === 'string' && others.length === 0;
    const attempt = isOne ? attempts.find(state, headers, ports.clock.epoch()) : null;
    if (attempt === null) return { kind: 'stray' };
    const spent = [attempts.forget(attempt)];
    const [error] = queryValues(query, 'error');
    if (error !== undefined) {
      const why = error !== null && KNOWN_ERROR.test(error) ? error : 'no known error';
      ports.log.info('a provider ended a login', { provider: provider.id, why });
      return { kind: PASSING.has(why) ? 'unavailable' : 'denied', cookies: spent };
    }
    const tokens = await redeemed(attempt, query, { provider, ports });
    // The attempt stays: the code may still be good, and the browser may come with it again.
    if (tokens === 'unavailable') return { kind: 'unavailable', cookies: [] };
    if (tokens === 'refused') return { kind: 'denied', cookies: spent };
    const session = beginSession(tokens, ports.clock.epoch());
    if (session === null) throw new GatewayError('INTERNAL', `${provider.id} gave no ID token for a login`);
    const kept = cookies.keep(session, headers);
    if (kept === null)
      throw new GatewayError('INTERNAL', `${provider.id} gave tokens that are too large for cookies`);
    return { kind: 'in', returnTo: returnPath(attempt.returnTo), cookies: [...spent, ...kept] };
  };
}

async function redeemed(
  { redirectUri, state, nonce, verifier }: LoginAttempt,
  query: string,
  { provider, ports }: Pick<LoginParts, 'provider' | 'ports'>,
): Promise<SessionTokens | 'refused' | 'unavailable'> {
  const callback = redirectUri + query;
  try {
    return await ports.desk.run('redeem-code', {
      provider: provider.id,
      callback,
      redirectUri,
      state,
      nonce,
      verifier,
    });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const isRefused = error.code === 'UNAUTHENTICATED';
    const message = isRefused ? 'a login was refused' : 'a login has to wait for its provider';
    ports.log.info(message, { provider: provider.id, why: error.message });
    return isRefused ? 'refused' : 'unavailable';
  }
}
