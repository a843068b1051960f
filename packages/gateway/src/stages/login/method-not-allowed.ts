import type { Exchange, Reply } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';

/** The routes of a login take the methods of their protocols, whatever else a route takes. */
export function methodNotAllowed(exchange: Exchange, allow: string): Reply {
  return refuse(exchange, 'METHOD_NOT_ALLOWED', { fields: [['Allow', allow]] });
}
