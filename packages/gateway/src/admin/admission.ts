import type { IncomingMessage } from 'node:http';
import { isLoopback, type AdminConfig } from '@turnpike/config';
import { adminProblem, type Answer } from './answer.ts';
import { isForeignOrigin, isOwnHost } from './browser-guard.ts';
import type { AdminRoute } from './router.ts';
import { authenticator, covers } from './tokens.ts';

/** Gives the reason why a request is refused, or `null`. */
export type Admission = (request: IncomingMessage, route: AdminRoute) => Answer | null;

/**
 * Decides who may use a route. With tokens, the caller's role must do; without any, the admin API is for this machine,
 * and then a browser on it must not be made to speak for a page from elsewhere.
 */
export function admission(tokens: AdminConfig['tokens'], listeningOn: string): Admission {
  const authenticate = authenticator(tokens);
  // Without tokens and yet for the network is refused by the configuration's checks; should it happen, nobody gets in.
  const isOpen = tokens.length === 0 && isLoopback(listeningOn);

  return ({ method, headers }, { role }) => {
    if (isOpen && !isOwnHost(headers.host, listeningOn)) return adminProblem('FOREIGN_HOST');
    if (method !== 'GET' && method !== 'HEAD' && isForeignOrigin(headers))
      return adminProblem('FOREIGN_ORIGIN');
    if (isOpen || role === 'anyone') return null;

    const caller = authenticate(headers.authorization);
    if (caller === null) {
      return adminProblem('UNAUTHORIZED', {}, { 'WWW-Authenticate': 'Bearer realm="turnpike admin"' });
    }
    if (covers(caller, role)) return null;
    const challenge = `Bearer realm="turnpike admin", error="insufficient_scope", scope="${role}"`;
    return adminProblem('FORBIDDEN_ROLE', { needed: role }, { 'WWW-Authenticate': challenge });
  };
}
