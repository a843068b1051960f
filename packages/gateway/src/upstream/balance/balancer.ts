import type { Balancer as BalancerConfig } from '@turnpike/config';
import type { Exchange, PickReason } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';
import { leastScore } from './adaptive.ts';
import { Candidates, type BalancedEndpoint, type Tried } from './candidates.ts';
import type { EndpointStates } from './endpoint-states.ts';
import { randomBalancer } from './random.ts';
import { roundRobin } from './round-robin.ts';

/** Chooses among the endpoints of one service, in one thread and one snapshot. */
export interface Balancer {
  /**
   * Index of the endpoint for the next attempt, or -1 if there is none (left).
   *
   * `tried` are the indexes that this exchange tried before. Those are not picked again, nor are endpoints of weight 0.
   * Endpoints that asked for a pause are picked only if there are no others: if all of them want one, the gateway would
   * otherwise turn their overload into its own outage.
   */
  pick(tried: Tried, nowMs: number, exchange: Exchange): number;
  /** Why the last `pick` chose as it did. To be read at once. */
  readonly reason: PickReason;
  /** What an endpoint without history is expected to take, for `EndpointStates.sample`. */
  readonly medianUs: number;
}

export type BalancerKind = 'adaptive' | 'round-robin' | 'least-request' | 'random';

type Maker = (candidates: Candidates, states: EndpointStates, random: Random) => Balancer;

const MAKERS: Readonly<Record<BalancerKind, Maker>> = {
  adaptive: (candidates, states, random) => leastScore('latency-and-load', candidates, states, random),
  'least-request': (candidates, states, random) => leastScore('load', candidates, states, random),
  'round-robin': (candidates, _, random) => roundRobin(candidates, random),
  random: (candidates, _, random) => randomBalancer(candidates, random),
};

/** The balancer of that kind over `endpoints`, whose indexes it will return. */
export function balancer(
  { kind }: BalancerConfig,
  endpoints: readonly BalancedEndpoint[],
  states: EndpointStates,
  random: Random,
): Balancer {
  if (kind === 'hash' || kind === 'sticky') throw new Error(`There is no balancer ${kind} yet`);
  return MAKERS[kind](new Candidates(endpoints, states), states, random);
}
