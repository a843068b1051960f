import type { Balancer as BalancerConfig } from '@turnpike/config';
import type { Exchange, PickReason } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';
import { leastScore } from './adaptive.ts';
import { Candidates, type BalancedEndpoint, type Tried } from './candidates.ts';
import type { EndpointStates } from './endpoint-states.ts';
import { Outlook, type HealthRules } from './outlook.ts';
import { randomRule } from './random.ts';
import { roundRobin } from './round-robin.ts';
import { RuleBalancer } from './rule.ts';
import { levelSpread, zoneSpread } from './spread.ts';

/** Chooses among the endpoints of one service, in one thread and one snapshot. */
export interface Balancer {
  /**
   * Index of the endpoint for the next attempt, or -1 if there is none (left).
   *
   * `tried` are the indexes that this exchange tried before. Those are not picked again, nor are endpoints of weight 0 or
   * draining ones (but for callers that are bound to them), nor those that are down, unless so many are that health is
   * ignored. Endpoints that asked for a pause are picked only if there are no others: if all of them want one, the gateway
   * would otherwise turn their overload into its own outage.
   */
  pick(tried: Tried, nowMs: number, exchange: Exchange): number;
  /** Why the last `pick` chose as it did. To be read at once. */
  readonly reason: PickReason;
  /** What an endpoint without history is expected to take, for `EndpointStates.sample`. */
  readonly medianUs: number;
  /** The `Set-Cookie` that binds the caller to the endpoint that answered; null when there is none to set. */
  cookieFor(index: number, exchange: Exchange): string | null;
}

/** What a service says of how its endpoints are chosen. */
export interface BalancingPlan extends HealthRules {
  /** Of the service. */
  readonly id: string;
  readonly balancer: BalancerConfig;
}

/** What balancers need of their thread. */
export interface BalancingPorts {
  readonly states: EndpointStates;
  readonly random: Random;
  /** Where this gateway is; null: nobody knows. */
  readonly zone: string | null;
}

/** Kinds that need nothing of the exchange. */
export type RuleKind = 'adaptive' | 'round-robin' | 'least-request' | 'random';

/** The balancer of a service over `endpoints`, whose indexes it will return. */
export function balancer(
  plan: BalancingPlan,
  endpoints: readonly BalancedEndpoint[],
  ports: BalancingPorts,
): Balancer {
  const { kind } = plan.balancer;
  const candidates = new Candidates(endpoints, ports.zone);
  const outlook = new Outlook(candidates, ports.states, plan);
  if (kind === 'hash' || kind === 'sticky') throw new Error(`There is no balancer ${kind} yet`);
  return ruleBalancer(kind, outlook, ports);
}

function ruleBalancer(kind: RuleKind, outlook: Outlook, ports: BalancingPorts): Balancer {
  const { random } = ports;
  if (kind === 'adaptive' || kind === 'least-request') {
    const rule = leastScore(kind === 'adaptive' ? 'latency-and-load' : 'load', outlook, ports);
    return new RuleBalancer(rule, outlook, { spread: levelSpread(outlook), random });
  }
  const spread = zoneSpread(outlook);
  const rule = kind === 'random' ? randomRule(outlook, random) : roundRobin(outlook, spread.runs, random);
  return new RuleBalancer(rule, outlook, { spread, random });
}
