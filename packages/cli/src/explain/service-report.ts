import type { EndpointConfig, Origin, PoliciesConfig, ServiceConfig } from '@turnpike/config';
import { timeoutsText } from './attempt-texts.ts';
import {
  balancerText,
  choiceTexts,
  discoveryText,
  healthText,
  outlierText,
  panicText,
} from './endpoint-texts.ts';
import { grpcText } from './grpc-texts.ts';
import { admissionText } from './limit-texts.ts';
import type { Fact } from './report.ts';
import { breakerText } from './resilience-texts.ts';

/** A service as a route sees it. Without secrets: `--json` prints it as it is. */
export interface ServiceReport {
  readonly id: string;
  readonly origin: Origin;
  readonly balancer: { readonly kind: ServiceConfig['balancer']['kind'] };
  /** What is said of it, in plain sentences; a name may come more than once. */
  readonly facts: readonly Fact[];
  /** Those that are written in place; empty with discovery. */
  readonly endpoints: readonly Pick<EndpointConfig, 'url' | 'weight' | 'zone' | 'priority'>[];
}

/** Where this gateway is, and for whom the route asks the service. */
export interface Surroundings {
  readonly zone: string | null;
  readonly priority: PoliciesConfig['priority'];
}

/** How a service finds its endpoints, chooses one, and what becomes of those that fail. */
export function reportOf(service: ServiceConfig, { zone, priority }: Surroundings): ServiceReport {
  const { id, origin, balancer, discovery, health, endpoints } = service;
  const optional = [
    { name: 'limit', about: admissionText(service.concurrency, priority) },
    { name: 'breaker', about: breakerText(service.circuitBreaker) },
    { name: 'grpc', about: grpcText(service.grpc) },
  ];
  return {
    id,
    origin,
    balancer: { kind: balancer.kind },
    facts: [
      ...optional.filter(({ about }) => about !== ''),
      { name: 'balancer', about: balancerText(balancer) },
      ...choiceTexts(service, zone).map((about) => ({ name: 'balancer', about })),
      {
        name: 'checks',
        about: health === null ? 'none; only real requests are watched' : healthText(health),
      },
      { name: 'outliers', about: outlierText(service.outlierDetection) },
      { name: 'panic', about: panicText(service.panicThreshold) },
      { name: 'timeouts', about: timeoutsText(service.timeouts) },
      ...(discovery === null ? [] : [{ name: 'endpoints', about: discoveryText(discovery) }]),
    ],
    endpoints: endpoints.map(({ url, weight, zone, priority }) => ({ url, weight, zone, priority })),
  };
}
