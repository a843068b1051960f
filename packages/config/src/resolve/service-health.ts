import type {
  Balancer,
  CircuitBreakerConfig,
  HealthCheckConfig,
  OutlierDetectionConfig,
} from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';

type ResolvedService = ResolvedDocument['services'] extends ReadonlyMap<string, infer S> ? S : never;

/** How endpoints are asked. */
export function resolveHealth(health: ResolvedService['health']): HealthCheckConfig | null {
  if (health === null) return null;
  const { port, interval, timeout, healthyAfter, unhealthyAfter } = health;
  return {
    probe: probeOf(health),
    port,
    intervalMs: interval,
    timeoutMs: timeout,
    healthyAfter,
    unhealthyAfter,
  };
}

function probeOf(health: Exclude<ResolvedService['health'], null>): HealthCheckConfig['probe'] {
  const { type, path, method, host, statuses, service } = health;
  switch (type) {
    case 'http':
      return { kind: type, method, path: path ?? '/', host, statuses };
    case 'tcp':
      return { kind: type };
    case 'grpc':
      return { kind: type, service };
    default:
      return type satisfies never;
  }
}

/** When endpoints are put out. */
export function resolveOutlierDetection(
  outliers: ResolvedService['outlierDetection'],
): OutlierDetectionConfig | null {
  if (outliers === 'off') return null;
  const { consecutiveFailures, interval, ejectFor, maxEjectFor, maxEjected } = outliers;
  return {
    consecutiveFailures,
    intervalMs: interval,
    ejectMs: ejectFor,
    maxEjectMs: maxEjectFor,
    maxEjectedPercent: maxEjected * 100,
  };
}

/** When a service is not asked any more. */
export function resolveCircuitBreaker(
  breaker: ResolvedService['circuitBreaker'],
): CircuitBreakerConfig | null {
  if (breaker === null) return null;
  const { failureRate, minimumRequests, window, openFor, maxOpenFor } = breaker;
  return {
    failureRate: failureRate * 100,
    minimumRequests,
    windowMs: window,
    openForMs: openFor,
    maxOpenMs: Math.max(openFor, maxOpenFor),
  };
}

/** How an endpoint is chosen. */
export function resolveBalancer(balancer: ResolvedService['balancer']): Balancer {
  if (typeof balancer === 'string') return { kind: balancer };
  const { hash, boundedLoad, sticky, secret, lifetime } = balancer;
  if (sticky !== null) return { kind: 'sticky', cookie: sticky, secret, lifetimeMs: lifetime };
  return { kind: 'hash', by: hash ?? [], boundedLoad };
}
