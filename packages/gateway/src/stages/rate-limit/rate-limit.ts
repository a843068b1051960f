import type { RateLimitConfig } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import type { Expressions } from '../../core/expressions.ts';
import type { Random } from '../../core/random.ts';
import { compileLimit, type Limit, type LimitCounters } from './limit.ts';
import { realCosts } from './real-costs.ts';
import { overLimit, uncounted, violated, withoutKey } from './refusals.ts';
import { report } from './report.ts';
import { localTaker, sharedTaker } from './take.ts';
import { areTaken, NOT_TAKEN, type Use } from './use.ts';
import { usesOf, type Uses } from './uses-of.ts';

/** Which limits of a route the stage applies: those whose key needs no identity, or the others. */
export interface RateLimitPlan {
  readonly route: string;
  /** Names of the path's parameters. */
  readonly names: readonly string[];
  readonly stage: RateLimitConfig['stage'];
}

/** What the stage reaches the world through. */
export interface RateLimitPorts {
  readonly counters: LimitCounters;
  /** Of this route. */
  readonly expressions: Expressions;
  readonly decisions: DecisionsOf;
  readonly random: Random;
}

/**
 * Lets through what all limits of a route have room for, and tells clients how these stand. Refuses with 429, and counts
 * nothing of what it refuses; with 403 what has no key to be counted by, and with 503 what nobody can count, where the limit
 * says so.
 *
 * Limits that only report are asked when the others let an exchange through, each for itself, and leave no trace in the
 * reply. What an exchange really cost is booked when the head of its reply is there; if none comes, what was taken stays.
 */
export function rateLimit(
  configs: readonly RateLimitConfig[],
  plan: RateLimitPlan,
  ports: RateLimitPorts,
): Wrapper | null {
  const own = configs.filter(({ stage }) => stage === plan.stage);
  if (own.length === 0) return null;
  const decisions = ports.decisions('rateLimit');
  const limits = own.map((config) => compileLimit(config, { ...plan, ...ports, decisions }));
  const isLocal = own.every(({ store }) => store === 'local');
  const taker = isLocal
    ? localTaker(ports.counters)
    : sharedTaker(ports.counters, () => decisions.failed('store'));
  const book = realCosts(decisions);
  const only = onlyLimit(limits, own);
  const hasRealCosts = limits.some(({ realCost }) => realCost !== null);

  return (next) => {
    function pass(exchange: Exchange, asked: readonly Use[], { reporting }: Uses): Promise<Reply> {
      if (asked.length > 0) decisions.allowed();
      const reported = report(reporting, decisions);
      if (!hasRealCosts) return next(exchange);
      return next(exchange).then((reply) => {
        book(asked, exchange, reply);
        book(reported, exchange, reply);
        return reply;
      });
    }

    function conclude(exchange: Exchange, asked: readonly Use[], uses: Uses): Promise<Reply> {
      exchange.standings = exchange.standings.length === 0 ? asked : [...exchange.standings, ...asked];
      if (areTaken(asked)) return pass(exchange, asked, uses);
      for (const name of violated(asked)) decisions.denied(name);
      return Promise.resolve(overLimit(exchange, asked, ports.random));
    }

    async function wait(exchange: Exchange, uses: Uses): Promise<Reply> {
      const asked = await taker.take(uses.acting);
      return asked === null ? uncounted(exchange) : conclude(exchange, asked, uses);
    }

    /** What most routes have: one limit that always acts and is counted here. Null: the exchange has no key for it. */
    function passOne(exchange: Exchange, limit: Limit): Promise<Reply> | null {
      const use = limit.use(exchange);
      if (use === null) return null;
      use.taken = use.counters.takeOne(use) ?? NOT_TAKEN;
      const asked = [use];
      exchange.standings = exchange.standings.length === 0 ? asked : [...exchange.standings, use];
      if (use.taken.isAllowed) {
        decisions.allowed();
        return next(exchange);
      }
      decisions.denied(limit.name);
      return Promise.resolve(overLimit(exchange, asked, ports.random));
    }

    return (exchange) => {
      const quick = only === null ? null : passOne(exchange, only);
      if (quick !== null) return quick;
      const uses = usesOf(limits, exchange, decisions);
      if (uses.keyless !== null) {
        decisions.denied(uses.keyless.name);
        return Promise.resolve(withoutKey(exchange, uses.keyless));
      }
      const asked = taker.takeNow(uses.acting);
      return asked === null ? wait(exchange, uses) : conclude(exchange, asked, uses);
    };
  };
}

/** The only limit of a stage, if there is nothing to find out about it but whether there is room; else null. */
function onlyLimit(limits: readonly Limit[], [config]: readonly RateLimitConfig[]): Limit | null {
  const [limit] = limits;
  if (limit === undefined || config === undefined || limits.length > 1) return null;
  const { mode, percent, when, store, responseCost } = config;
  const isPlain = mode === 'on' && percent === 100 && when === null && responseCost === null;
  return isPlain && store === 'local' ? limit : null;
}
