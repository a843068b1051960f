import type { Balancer as BalancerConfig } from '@turnpike/config';
import type { Exchange, PickReason } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';
import { leastScore } from './adaptive.ts';
import { Candidates, type BalancedEndpoint, type Tried } from './candidates.ts';
import type { EndpointStates } from './endpoint-states.ts';
import { hashBalancer, type MaglevTables } from './hash.ts';
import { Outlook, type HealthRules } from './outlook.ts';
import { randomRule } from './random.ts';
import { roundRobin } from './round-robin.ts';
import { RuleBalancer } from './rule.ts';
import { levelSpread, zoneSpread } from './spread.ts';
import { StickyCookie, type StickyValues } from './sticky-cookie.ts';
import { stickyBalancer } from './sticky.ts';

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
  /** With which sticky cookies are signed that have no secret of their own; null: there are no such services. */
  readonly stickyKey: () => string | Uint8Array | null;
  /** An endpoint of that service was picked although it is down. */
  readonly panicked: (service: string) => void;
}

/** What the balancers of one service leave to those that come after them. */
export interface BalancerMemory {
  readonly tables: MaglevTables;
  readonly cookies: StickyValues;
}

/** For a new service. */
export function newBalancerMemory(): BalancerMemory {
  return { tables: new Map(), cookies: new Map() };
}

/** Kinds that need nothing of the exchange. */
export type RuleKind = 'adaptive' | 'round-robin' | 'least-request' | 'random';

/** The balancer of a service over `endpoints`, whose indexes it will return. */
export function balancer(
  plan: BalancingPlan,
  endpoints: readonly BalancedEndpoint[],
  ports: BalancingPorts & { readonly memory: BalancerMemory },
): Balancer {
  const { balancer: config } = plan;
  const { states, memory } = ports;
  const outlook = new Outlook(new Candidates(endpoints, ports.zone), states, {
    ...plan,
    panicked: () => ports.panicked(plan.id),
  });
  if (config.kind === 'hash') {
    const otherwise = ruleBalancer('adaptive', outlook, ports);
    return hashBalancer(config, { outlook, states, otherwise, tables: memory.tables });
  }
  if (config.kind === 'sticky') {
    const key = config.secret ?? ports.stickyKey();
    if (key === null) throw new Error(`The sticky cookie of service ${plan.id} has no key`);
    const names = endpoints.map(({ url }) => url);
    const cookie = new StickyCookie(config, key, { scope: plan.id, names, known: memory.cookies });
    const slots = endpoints.map(({ slot }) => slot);
    return stickyBalancer({ cookie, slots, states, otherwise: ruleBalancer('adaptive', outlook, ports) });
  }
  return ruleBalancer(config.kind, outlook, ports);
}

function ruleBalancer(kind: RuleKind, outlook: Outlook, ports: BalancingPorts): Balancer {
  const { random } = ports;
  if (kind === 'adaptive' || kind === 'least-request') {
    const rule = leastScore(kind === 'adaptive' ? 'latency-and-load' : 'load', outlook, ports);
    return new RuleBalancer(rule, outlook, { spread: levelSpread(outlook), random });
  }
  const spread = zoneSpread(outlook);
  const rule = (kind === 'random' ? randomRule : roundRobin)(outlook, spread.runs, random);
  return new RuleBalancer(rule, outlook, { spread, random });
}
