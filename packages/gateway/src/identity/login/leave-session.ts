import type { BrowserLogin } from '../../core/browser-login.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { endedSessions, ownName } from './ended-sessions.ts';
import type { LoginParts, LoginPorts } from './login-ports.ts';
import { publicOrigin } from './public-origin.ts';
import type { Session } from './session.ts';

/**
 * Logs a browser out here and, if it can be, at the provider (OpenID Connect RP-Initiated Logout 1.0 §2). Copies of the
 * cookies are of no use from then on. Other sites cannot log anybody out, not even by a link.
 */
export function leaveSession({ provider, ports, cookies }: LoginParts): BrowserLogin['leave'] {
  const { id, login } = provider;
  const isEnded = endedSessions(() => ports.news.latest('ended-sessions', id));

  return async (exchange) => {
    const origin = login.publicOrigin ?? publicOrigin(exchange);
    if (isForeign(exchange, origin)) return { kind: 'foreign' };
    const session = cookies.find(exchange.headers);
    // Telling it costs all threads something, and who has the cookie could have it told without end.
    if (session !== null && !isEnded(session)) await end(session, id, ports);
    const endpoint = ports.news.latest('provider', id)?.endSessionEndpoint ?? null;
    const location = endpoint === null ? login.afterLogout : endSessionUrl(endpoint, session, origin, login);
    return { kind: 'left', location, cookies: cookies.forget(exchange.headers) };
  };
}

/**
 * Whether another site makes the browser ask (Fetch Metadata). Browsers that do not tell send `Origin` with a form; that
 * leaves a link in a browser from before 2023.
 */
function isForeign({ headers }: Exchange, origin: string | null): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== undefined) return site === 'cross-site';
  const from = headers.get('origin');
  return from !== undefined && from !== origin;
}

async function end(session: Session, provider: string, { desk, clock, log }: LoginPorts): Promise<void> {
  const ended = { session: ownName(session), subject: null, endedAtMs: clock.epoch() };
  try {
    await desk.run('end-sessions', { provider, ...ended });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    // The browser forgets its cookies all the same.
    log.warn('a logout could not be told to other threads', { provider, error });
  }
}

function endSessionUrl(
  endpoint: string,
  session: Session | null,
  origin: string | null,
  { clientId, afterLogout }: LoginParts['provider']['login'],
): string {
  const url = new URL(endpoint);
  url.searchParams.set('client_id', clientId);
  if (session !== null) url.searchParams.set('id_token_hint', session.idToken);
  if (origin !== null) url.searchParams.set('post_logout_redirect_uri', origin + afterLogout);
  return url.href;
}
