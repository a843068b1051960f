import type { Path } from '../path.ts';
import type {
  EndpointConfig,
  GrpcConfig,
  ServiceConcurrency,
  ServiceConfig,
  ServiceTlsConfig,
} from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { keyPairFiles, pemFile } from './certificate-uses.ts';
import type { Context } from './context.ts';
import { compiledKey } from './descriptor-uses.ts';
import { resolveDiscovery } from './discovery.ts';
import {
  resolveBalancer,
  resolveCircuitBreaker,
  resolveHealth,
  resolveOutlierDetection,
} from './service-health.ts';

type ResolvedService = ResolvedDocument['services'] extends ReadonlyMap<string, infer S> ? S : never;

/** The services in the order in which they are written. */
export function resolveServices(document: ResolvedDocument, context: Context): ServiceConfig[] {
  return Array.from(document.services, ([id, service]) => {
    const { connections, timeouts } = service;
    return {
      id,
      endpoints: service.endpoints.map(resolveEndpoint),
      discovery: resolveDiscovery(id, service.discovery, context),
      balancer: resolveBalancer(service.balancer),
      slowStartMs: service.slowStart,
      panicThreshold: service.panicThreshold * 100,
      subset: service.subset === 'off' ? null : service.subset,
      health: resolveHealth(service.health),
      outlierDetection: resolveOutlierDetection(service.outlierDetection),
      circuitBreaker: resolveCircuitBreaker(service.circuitBreaker),
      connections: {
        perEndpoint: connections.perEndpoint,
        idleTimeoutMs: connections.idleTimeout,
        http2: connections.http2,
      },
      timeouts: { connectMs: timeouts.connect, requestMs: timeouts.request, idleMs: timeouts.idle },
      concurrency: resolveConcurrency(service.concurrency),
      tls: service.tls === null ? null : resolveTls(service.tls, ['services', id, 'tls'], context),
      grpc: service.grpc === null ? null : resolveGrpc(id, service.grpc, context),
      origin: context.originOf('services', id),
    };
  });
}

function resolveConcurrency(concurrency: ResolvedService['concurrency']): ServiceConcurrency {
  if (typeof concurrency === 'number') return { kind: 'fixed', limit: concurrency };
  return { kind: concurrency };
}

function resolveEndpoint(endpoint: ResolvedService['endpoints'][number]): EndpointConfig {
  if ('weight' in endpoint)
    return { ...endpoint.url, weight: endpoint.weight, zone: endpoint.zone, priority: endpoint.priority };
  return { ...endpoint, weight: 1, zone: null, priority: 0 };
}

function resolveTls(
  { authorities, serverName, certificate, key, pins }: NonNullable<ResolvedService['tls']>,
  path: Path,
  context: Context,
): ServiceTlsConfig {
  const hasKeyPair = certificate !== null && key !== null;
  return {
    authorities: authorities === null ? null : pemFile(authorities, [...path, 'authorities'], context),
    serverName,
    keyPair: hasKeyPair ? keyPairFiles({ certificate, key }, path, context) : null,
    pins,
  };
}

/** Of several sources, which a check refuses, the first. */
function resolveGrpc(
  id: string,
  { descriptors, protos, refresh }: NonNullable<ResolvedService['grpc']>,
  { absolute }: Context,
): GrpcConfig {
  const at = ['services', id, 'grpc', 'descriptors'];
  if (descriptors !== null) return { kind: 'descriptors', document: absolute(at, descriptors) };
  if (protos !== null) return { kind: 'descriptors', document: compiledKey(id) };
  return { kind: 'reflection', refreshMs: refresh };
}
