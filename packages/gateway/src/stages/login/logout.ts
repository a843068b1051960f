import type { BrowserLogin } from '../../core/browser-login.ts';
import type { Handler } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import { seeOther } from './see-other.ts';

/** Logs a browser out, by a link or a form of our own pages. */
export function logout(login: BrowserLogin): Handler {
  return async (exchange) => {
    const { method } = exchange;
    if (method !== 'GET' && method !== 'POST') return methodNotAllowed(exchange, 'GET, POST');
    const departure = await login.leave(exchange);
    if (departure.kind === 'left') return seeOther(departure.location, departure.cookies);
    return refuse(exchange, 'FORBIDDEN', { rule: 'login', detail: 'Another site cannot log a caller out.' });
  };
}
