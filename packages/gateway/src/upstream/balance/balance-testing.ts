import type { Balancer as BalancerConfig } from '@turnpike/config';
import { random } from '../../core/random.ts';
import {
  balancer,
  newBalancerMemory,
  type Balancer,
  type BalancerMemory,
  type BalancingPlan,
  type BalancingPorts,
} from './balancer.ts';
import type { BalancedEndpoint } from './candidates.ts';
import type { Visit } from './endpoint-states.ts';

/** For tests: an endpoint of that slot, with whatever matters set. */
export function endpointAt(slot: number, fields: Partial<BalancedEndpoint> = {}): BalancedEndpoint {
  return {
    url: `http://10.0.${slot >> 8}.${slot & 255}:8080`,
    slot,
    weight: 1,
    zone: null,
    priority: 0,
    isDraining: false,
    ...fields,
  };
}

/** For tests: a request that took so long, and came alone if nothing else is said. */
export function visit(tookMs: number, nowMs: number, crowd = 1): Visit {
  return { startedAtMs: nowMs - tookMs, crowd };
}

/** For tests: a service that is balanced like that, without slow start, and with a panic threshold of 50 %. */
export function planOf(balancer: BalancerConfig, fields: Partial<BalancingPlan> = {}): BalancingPlan {
  return { id: 'orders', balancer, slowStartMs: 0, panicThreshold: 50, ...fields };
}

/** For tests: a balancer of the service over those endpoints, with what its thread has. */
export function balancerOf(
  plan: BalancingPlan,
  endpoints: readonly BalancedEndpoint[],
  ports: Partial<BalancingPorts & { memory: BalancerMemory }> & Pick<BalancingPorts, 'states'>,
): Balancer {
  return balancer(plan, endpoints, {
    random: random(1),
    zone: null,
    stickyKey: () => 'a key for tests',
    panicked: () => {},
    memory: newBalancerMemory(),
    ...ports,
  });
}
