import type { RateLimitConfig } from '@turnpike/config';
import type { Quota } from '../../core/counters.ts';
import type { Decisions } from '../../core/decisions.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Expressions } from '../../core/expressions.ts';
import { policyItem } from './structured-fields.ts';

/** A quota, and what `RateLimit-Policy` says of it. */
export interface NamedQuota extends Quota {
  readonly policy: string;
}

/** Compiles how much a limit allows whom. Where the caller has no number of its own, that of the configuration holds. */
export function quotaOf(
  config: RateLimitConfig,
  expressions: Expressions,
  decisions: Decisions,
): (exchange: Exchange) => NamedQuota {
  const { limitFrom } = config;
  const usual = quota(config, config.limit);
  if (limitFrom === null) return () => usual;
  if (limitFrom.kind === 'plan') {
    const plans = new Map(
      Object.entries(limitFrom.plans).map(([plan, limit]) => [plan, quota(config, limit)]),
    );
    return ({ identity }) => plans.get(identity?.plan ?? '') ?? usual;
  }
  const amount = expressions.amount(limitFrom.rule);
  return (exchange) => {
    const limit = amount(exchange, null);
    if (limit !== null) return limit === usual.limit ? usual : quota(config, limit);
    decisions.failed('limit');
    return usual;
  };
}

/** As in the configuration: more would not fit into the memory of a window. */
const MOST_UNITS = 1_000_000_000;

/** How much a limit allows somebody who may use `own` units in its window. The burst keeps its proportion to it. */
export function quota({ name, limit, burst, windowMs }: RateLimitConfig, own: number): NamedQuota {
  const units = Math.min(Math.floor(own), MOST_UNITS);
  const policy = policyItem(name, units, windowMs);
  const atOnce = limit === 0 ? units : Math.ceil((burst * units) / limit);
  return { limit: units, windowMs, burst: Math.min(atOnce, MOST_UNITS), policy };
}
