import type { RateLimitConfig } from '@turnpike/config';
import type { Counters, Limiter } from '../../core/counters.ts';
import type { Decisions } from '../../core/decisions.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import type { Expressions } from '../../core/expressions.ts';
import { limitKey } from '../../core/limit-key.ts';
import { isInShare } from './key-share.ts';
import { quotaOf } from './quota.ts';
import { stringItem } from './structured-fields.ts';
import { NOT_TAKEN, type Use } from './use.ts';

/** Where limits are counted. Without Redis, those that count there are counted as if it had failed. */
export interface LimitCounters {
  readonly local: Counters;
  readonly redis: Counters | null;
}

/** A limit, ready for the exchanges of a route. */
export interface Limit {
  readonly name: string;
  /** The name as structured fields have it. */
  readonly item: string;
  /** Its path in the configuration of the route. */
  readonly rule: string;
  readonly store: RateLimitConfig['store'];
  readonly whenStoreFails: RateLimitConfig['whenStoreFails'];
  readonly whenKeyMissing: RateLimitConfig['whenKeyMissing'];
  readonly isReport: boolean;
  /** Whether the exchange is one that it counts. */
  isMeant(exchange: Exchange): boolean;
  /** What it charges; null: the exchange has no such key. */
  use(exchange: Exchange): Use | null;
  /** Whether it refuses exchanges of this key, or only reports what it would have done. */
  acts(key: string): boolean;
  /** The same limit in this process, for when the store fails. */
  readonly ownLimiter: Limiter;
  /** What the exchange really cost, null where that cannot be told; a null for all: as much as was charged. */
  readonly realCost: ((exchange: Exchange, reply: Reply) => number | null) | null;
}

/** What limits are made with. */
export interface LimitTools {
  readonly route: string;
  /** Names of the path's parameters. */
  readonly names: readonly string[];
  readonly counters: LimitCounters;
  readonly expressions: Expressions;
  readonly decisions: Decisions;
}

/** Compiles one limit of a route. */
export function compileLimit(config: RateLimitConfig, tools: LimitTools): Limit {
  const { name, algorithm, whenStoreFails, whenKeyMissing, percent } = config;
  const { route, names, counters, expressions, decisions } = tools;
  const id = bucketsOf(config, route);
  const ownLimiter = counters.local.limiter(id, algorithm);
  const shared = config.store === 'redis' ? counters.redis : null;
  const limiter = shared?.limiter(id, algorithm) ?? ownLimiter;
  const compileText = (rule: string) => expressions.text(rule);
  const key = limitKey(config.by, whenKeyMissing, { route, names, compileText });
  const quota = quotaOf(config, expressions, decisions);
  const cost = costOf(config, expressions, decisions);
  const isReport = config.mode === 'report';
  const store = shared ?? counters.local;
  const limit: Limit = {
    name,
    item: stringItem(name),
    rule: `rateLimit.${name}`,
    store: config.store,
    whenStoreFails,
    whenKeyMissing,
    isReport,
    isMeant: conditionOf(config, expressions, decisions),
    use(exchange) {
      const own = key(exchange);
      if (own === null) return null;
      return {
        limiter,
        key: own,
        quota: quota(exchange),
        cost: cost(exchange),
        limit,
        counters: store,
        taken: NOT_TAKEN,
      };
    },
    acts: (own) => !isReport && isInShare(id, own, percent),
    ownLimiter,
    realCost: config.responseCost === null ? null : expressions.amount(config.responseCost),
  };
  return limit;
}

/** Limits of this id share their buckets, also with those of the configuration before. */
export function bucketsOf({ name, group, algorithm }: RateLimitConfig, route: string): string {
  return group === null ? `${algorithm} route ${route} ${name}` : `${algorithm} group ${group}`;
}

/** What cannot be evaluated does not hold, and is counted, because whoever wrote it may have meant the contrary. */
function conditionOf(
  { when }: RateLimitConfig,
  expressions: Expressions,
  decisions: Decisions,
): Limit['isMeant'] {
  if (when === null) return () => true;
  const condition = expressions.condition(when);
  return (exchange) => {
    const holds = condition(exchange);
    if (holds === null) decisions.failed('when');
    return holds === true;
  };
}

/** What cannot be evaluated costs as much as any other request. */
function costOf(
  { cost }: RateLimitConfig,
  expressions: Expressions,
  decisions: Decisions,
): (exchange: Exchange) => number {
  const constant = Number(cost ?? 1);
  if (Number.isFinite(constant)) return () => constant;
  const amount = expressions.amount(cost ?? '');
  return (exchange) => {
    const units = amount(exchange, null);
    if (units === null) decisions.failed('cost');
    return units ?? 1;
  };
}
