import type { AuthorizeConfig, ExternalAuthorizationConfig } from '@turnpike/config';
import type { Expression } from '@turnpike/config/expression';
import { challengesFor, insufficientScope } from '../../core/challenges.ts';
import type { Decisions, DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';
import type { Clock } from '../../core/ports.ts';
import { claimDemand } from './claims.ts';
import type { Demand, Shortfall } from './demand.ts';
import type { DecisionPoints } from './external/decision-points.ts';
import { askExternal } from './external/ask-external.ts';
import type { RouteFacts } from './request-facts.ts';
import { ruleDemand } from './rule.ts';
import { allScopes, anyScope } from './scopes.ts';

/** What the stage works with. */
export interface AuthorizePorts {
  readonly decisions: DecisionsOf;
  readonly clock: Clock;
  /** Of the thread. */
  readonly decisionPoints: DecisionPoints;
  readonly compileExpression: (text: string) => Expression;
  /** Of the route: how callers may say who they are. */
  readonly challenges: readonly string[];
}

/**
 * Lets through what the caller may do. All that is given must hold; what costs least is looked at first, and another service
 * is asked only about what nothing else speaks against.
 *
 * Refuses with 401 who would have to say first who they are, with 403 who may not, and with 503 if the service that should
 * decide does not.
 */
export function authorize(
  config: AuthorizeConfig | null,
  plan: RouteFacts,
  ports: AuthorizePorts,
): Wrapper | null {
  if (config === null) return null;
  const { mode } = config;
  const decisions = ports.decisions('authorize');
  const challenges = challengesFor(ports.challenges);
  const demands = demandsOf(config, plan, ports);
  const last = config.external === null ? counting(decisions) : asking(config.external);

  function asking(external: ExternalAuthorizationConfig): Wrapper {
    const point = ports.decisionPoints.of(external);
    return askExternal({ config: external, mode, route: plan.route, point, decisions, challenges });
  }

  return (next) => {
    const allow = last(next);
    return (exchange) => {
      const shortfall = firstShortfall(demands, exchange);
      if (shortfall === null) return allow(exchange);
      if (mode === 'report') {
        decisions.reported(shortfall.reason);
        return next(exchange);
      }
      decisions.denied(shortfall.reason);
      return Promise.resolve(refusal(exchange, shortfall, challenges));
    };
  };
}

function demandsOf(
  config: AuthorizeConfig,
  plan: RouteFacts,
  { clock, compileExpression }: AuthorizePorts,
): Demand[] {
  const { scopes, anyScope: some, claims, rule } = config;
  return [
    ...(scopes.length === 0 ? [] : [allScopes(scopes)]),
    ...(some.length === 0 ? [] : [anyScope(some)]),
    ...claims.map((claim) => claimDemand(claim, plan.names)),
    ...(rule === null ? [] : [ruleDemand(compileExpression(rule), plan, clock)]),
  ];
}

function counting(decisions: Decisions): Wrapper {
  return (next) => (exchange) => {
    decisions.allowed();
    return next(exchange);
  };
}

function firstShortfall(demands: readonly Demand[], exchange: Exchange): Shortfall | null {
  for (const demand of demands) {
    const shortfall = demand(exchange);
    if (shortfall !== null) return shortfall;
  }
  return null;
}

function refusal(exchange: Exchange, shortfall: Shortfall, ofRoute: readonly string[]): Reply {
  const { code, rule, detail } = shortfall;
  const isNobody = code === 'UNAUTHENTICATED';
  const challenges = isNobody ? ofRoute : insufficientScope(shortfall.scopes ?? [], exchange.identity);
  const fields = challenges.map((challenge) => ['WWW-Authenticate', challenge] as const);
  return refuse(exchange, code, { rule, detail, fields });
}
