import type { BrowserLogin } from '../../core/browser-login.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { refuse } from '../../core/problem.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import { readForm } from './read-form.ts';

/** A logout token is about as long as an ID token. */
const MAX_FORM_BYTES = 8 * 1024;

/** Hears from a provider that sessions are over (OpenID Connect Back-Channel Logout 1.0 §2.5). */
export function backchannelLogout(login: BrowserLogin): Handler {
  return async (exchange) => {
    if (exchange.method !== 'POST') return methodNotAllowed(exchange, 'POST');
    const form = await readForm(exchange, MAX_FORM_BYTES);
    if (form === 'too-large') return refuse(exchange, 'BODY_TOO_LARGE');
    const tokens = form === 'not-a-form' ? [] : form.getAll('logout_token');
    const [token] = tokens;
    if (token === undefined || tokens.length > 1)
      return invalid(exchange, 'A form with one logout_token is expected.');
    const outcome = await login.end(token);
    switch (outcome.kind) {
      case 'ended':
        return ENDED;
      case 'invalid':
        return invalid(exchange, outcome.detail);
      case 'refused':
        return refuse(exchange, outcome.code, { rule: 'login', detail: outcome.detail });
      default:
        return outcome satisfies never;
    }
  };
}

const ENDED: Reply = {
  status: 200,
  headers: headersOf(['Cache-Control', 'no-store']),
  body: '',
  code: '',
  tunnel: null,
};

/** §2.8 wants the members of an OAuth error (RFC 6749 §5.2); the problem has them as well. */
function invalid(exchange: Exchange, detail: string): Reply {
  const members = { error: 'invalid_request', error_description: detail };
  return refuse(exchange, 'BAD_LOGOUT_TOKEN', { rule: 'login', detail, members });
}
