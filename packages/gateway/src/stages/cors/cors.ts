import type { CorsConfig } from '@turnpike/config';
import type { Decisions, DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Wrapper } from '../../core/exchange.ts';
import { allowedOrigins } from '../../core/http/allowed-origins.ts';
import { openedReply } from './opened-reply.ts';
import { originGrant } from './origin-grant.ts';
import { askedMethod, preflights, type Obstacle } from './preflight.ts';

/** What the stage has to know of its route. */
export interface CorsPlan {
  /** That the route takes; empty: all. */
  readonly methods: readonly string[];
}

/** What the stage reaches the world through. */
export interface CorsPorts {
  readonly decisions: DecisionsOf;
}

/** What may be counted as denied. */
export const CORS_REASONS = [
  'origin',
  'method',
  'headers',
  'private-network',
] as const satisfies readonly Obstacle[];

/**
 * Tells browsers which scripts of other origins may use this route (Fetch standard), and answers their preflights, which
 * carry no credentials and so come before authentication.
 *
 * It is no firewall: a request of another origin goes on, and only its reply is not opened to the script. A preflight that
 * fails is answered with 204 as well, without the grants that it lacks: browsers then name what is missing in their console,
 * and of an error status they say less. Report mode leaves preflights to whoever answered them before, so it counts those
 * that come to this route anyway.
 */
export function cors(config: CorsConfig | null, plan: CorsPlan, { decisions }: CorsPorts): Wrapper | null {
  if (config === null) return null;
  const isAllowed = allowedOrigins(config.origins);
  const grant = originGrant(config);
  const answer = preflights(config, { methods: plan.methods, isAllowed, grant });
  const opened = openedReply(config, { isAllowed, grant });
  const count = decisions('cors');

  if (config.mode === 'report') {
    return (next) => (exchange) => {
      const method = askedMethod(exchange);
      const origin = originOf(exchange);
      if (method !== null) tell(count, 'reported', answer(exchange.headers, method).obstacle);
      else if (isCrossOrigin(exchange, origin)) tell(count, 'reported', isAllowed(origin) ? null : 'origin');
      return next(exchange);
    };
  }

  return (next) => async (exchange) => {
    const method = askedMethod(exchange);
    if (method !== null) {
      const { obstacle, headers } = answer(exchange.headers, method);
      tell(count, 'denied', obstacle);
      return { status: 204, headers, body: null, code: '', tunnel: null };
    }
    const origin = originOf(exchange);
    if (isCrossOrigin(exchange, origin)) tell(count, 'denied', isAllowed(origin) ? null : 'origin');
    return opened(await next(exchange), origin);
  };
}

function originOf({ headers }: Exchange): string | null {
  return headers.getList('origin') ?? null;
}

/** Whether a script of another site asks. Browsers name their origin to their own site as well, when they send a body. */
function isCrossOrigin({ authority }: Exchange, origin: string | null): origin is string {
  return origin !== null && !origin.endsWith(`://${authority}`);
}

function tell(count: Decisions, kind: 'denied' | 'reported', obstacle: Obstacle | null): void {
  if (obstacle === null) count.allowed();
  else count[kind](obstacle);
}
