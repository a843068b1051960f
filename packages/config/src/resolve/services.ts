import type {
  EndpointConfig,
  OutlierDetectionConfig,
  ServiceConcurrency,
  ServiceConfig,
} from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

type ResolvedService = ResolvedDocument['services'] extends ReadonlyMap<string, infer S> ? S : never;

/** The services in the order in which they are written. */
export function resolveServices(document: ResolvedDocument, context: Context): ServiceConfig[] {
  return Array.from(document.services, ([id, service]) => {
    const { connections, timeouts } = service;
    return {
      id,
      endpoints: service.endpoints.map(resolveEndpoint),
      discovery: null,
      balancer: { kind: service.balancer },
      slowStartMs: 30_000,
      panicThreshold: 50,
      subset: 'auto',
      health: null,
      outlierDetection: OUTLIER_DETECTION,
      circuitBreaker: null,
      connections: {
        perEndpoint: connections.perEndpoint,
        idleTimeoutMs: connections.idleTimeout,
        http2: connections.http2,
      },
      timeouts: { connectMs: timeouts.connect, requestMs: timeouts.request, idleMs: timeouts.idle },
      concurrency: resolveConcurrency(service.concurrency),
      origin: context.originOf('services', id),
    };
  });
}

/** Passive checks are always on. */
const OUTLIER_DETECTION: OutlierDetectionConfig = {
  consecutiveFailures: 5,
  intervalMs: 10_000,
  ejectMs: 30_000,
  maxEjectMs: 300_000,
  maxEjectedPercent: 30,
};

function resolveConcurrency(concurrency: ResolvedService['concurrency']): ServiceConcurrency {
  if (typeof concurrency === 'number') return { kind: 'fixed', limit: concurrency };
  return { kind: concurrency };
}

function resolveEndpoint(endpoint: ResolvedService['endpoints'][number]): EndpointConfig {
  if ('weight' in endpoint)
    return { ...endpoint.url, weight: endpoint.weight, zone: endpoint.zone, priority: 0 };
  return { ...endpoint, weight: 1, zone: null, priority: 0 };
}
