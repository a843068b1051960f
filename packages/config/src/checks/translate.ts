import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { RouteConfig, ServiceConfig } from '../resolved.ts';
import { servicesOf } from '../resolve/target-services.ts';
import type { RouteCheck } from './check.ts';
import { placeOf, type HolderCheck } from './holders.ts';
import { ownerOf } from './unknown-name.ts';

/**
 * Services that get calls of gRPC are known to speak it: by HTTP/2, and for JSON their methods. Clients of `grpc: web` may do
 * without JSON.
 */
export const translatedServicesSpeakGrpc: RouteCheck = ({ routes, services }) => {
  const byId = new Map(services.map((service) => [service.id, service]));
  return routes.flatMap((route): Draft[] => {
    if (route.translate === null) return [];
    const named = allServicesOf(route);
    if (named.length === 0) {
      const message = `routes.${route.id}: translate has nothing to do, because no service answers; remove it`;
      return [{ code: 'NO_EFFECT', message, path: pathOf(route), at: 'key', severity: 'warning' }];
    }
    if (!route.translate.kind.startsWith('grpc')) return [];
    return named.flatMap((id) => {
      const service = byId.get(id);
      // One that there is not is reported elsewhere.
      return service === undefined ? [] : lacksOf(route, service);
    });
  });
};

/** Those that answer, those that do instead of them, and those that get copies. */
function allServicesOf({ target, policies: { fallback, mirror } }: RouteConfig): readonly string[] {
  const answering = servicesOf(target);
  if (answering.length === 0) return answering;
  const instead = fallback?.kind === 'service' ? [fallback.service] : [];
  return [...new Set([...answering, ...instead, ...(mirror === null ? [] : [mirror.service])])];
}

function lacksOf(route: RouteConfig, service: ServiceConfig): Draft[] {
  const about = {
    subject: `routes.${route.id}: translate`,
    path: pathOf(route),
    needsMethods: route.translate?.kind === 'grpc-transcode',
  };
  return grpcLacks(about, service);
}

/** Who calls methods of a service. */
export interface GrpcCaller {
  /** As messages begin: `routes.r: translate`. */
  readonly subject: string;
  readonly path: Path;
  /** Whether it has to know them, and not only to pass what others say. */
  readonly needsMethods: boolean;
}

/** What a service lacks to be called by gRPC. */
export function grpcLacks({ subject, path, needsMethods }: GrpcCaller, service: ServiceConfig): Draft[] {
  const { id, grpc, endpoints, connections } = service;
  const about = { path, at: 'key', code: 'CONFLICT' } as const;
  const at = ['services', id];
  const lacks: Draft[] = [];
  if (grpc === null && needsMethods) {
    const message = `${subject} needs to know the methods of ${id}; give services.${id} its descriptors, such as grpc: { reflection: true }`;
    lacks.push({ ...about, message, from: [[...at, 'grpc']] });
  }
  const others = endpoints.flatMap(({ protocol }, index) => (protocol.startsWith('grpc') ? [] : [index]));
  if (connections.http2 !== 'always' && others.length > 0) {
    const message = `${subject} needs HTTP/2 to ${id}; write its endpoints as grpc:// or grpcs://, or connections: { http2: always }`;
    const urls = others.map((index) => [...at, 'endpoints', index, 'url']);
    lacks.push({ ...about, message, from: [...urls, [...at, 'connections', 'http2']] });
  }
  return lacks;
}

function pathOf({ id }: RouteConfig): Path {
  return ['routes', id, 'translate'];
}

/** Clients of such a route send no GraphQL that there would be anything to look at. */
export const operationsAreOurs: HolderCheck = (holder, document) => {
  const { own, route } = holder;
  const policy = own.graphql ?? document.defaults.policies.graphql;
  if (route.translate?.kind !== 'graphql' || policy === null || policy === 'off') return [];
  const message = `${ownerOf(holder.path)}: policies.graphql looks at operations of clients, and with translate.graphql they send none; write graphql: off`;
  return [{ code: 'CONFLICT', message, from: [pathOf(route)], ...placeOf(holder, ['graphql']) }];
};
