import type { Expression } from '@turnpike/config/expression';
import type { Clock } from '../../core/ports.ts';
import type { Demand, Shortfall } from './demand.ts';
import { ExchangeFacts, type RouteFacts } from './request-facts.ts';

const UNTRUE: Shortfall = {
  reason: 'rule',
  rule: 'authorize.rule',
  code: 'FORBIDDEN',
  detail: 'The rule of this route does not let this through.',
  scopes: null,
};

const BROKEN: Shortfall = {
  ...UNTRUE,
  reason: 'rule-error',
  detail: 'The rule of this route needs something that this request does not have.',
};

/**
 * Asks that an expression is true. What it cannot be evaluated for is refused too: it may have been about to say no. Callers
 * without credentials are its own business.
 */
export function ruleDemand({ evaluate }: Expression, plan: RouteFacts, clock: Clock): Demand {
  return (exchange) => {
    const isTrue = evaluate(new ExchangeFacts(exchange, plan, clock));
    if (isTrue === true) return null;
    return isTrue === null ? BROKEN : UNTRUE;
  };
}
