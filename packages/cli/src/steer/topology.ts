import {
  servicesOf,
  type GatewayConfig,
  type ListenerConfig,
  type RouteConfig,
  type ServiceConfig,
} from '@turnpike/config';
import { stagesOf, type StageNote } from '../explain/stages.ts';

/** How everything hangs together: which doors lead to which routes, these to which services, and those to which endpoints. */
export interface Topology {
  readonly listeners: readonly { readonly name: string; readonly address: string; readonly tls: boolean }[];
  readonly routes: readonly TopologyRoute[];
  readonly services: readonly TopologyService[];
}

/** A route, and where it leads. */
export interface TopologyRoute {
  readonly name: string;
  /** Empty: all. */
  readonly listeners: readonly string[];
  readonly hosts: readonly string[];
  /** Empty: all. */
  readonly methods: readonly string[];
  readonly path: string;
  readonly target: RouteConfig['target']['kind'];
  readonly services: readonly string[];
  /** What is done on the way, in order. */
  readonly stages: readonly StageNote[];
}

/** A service with what is known of its endpoints. */
export interface TopologyService {
  readonly name: string;
  readonly balancer: ServiceConfig['balancer']['kind'];
  readonly discovery: string | null;
  /** As `GET /endpoints` tells them. */
  readonly endpoints: readonly object[];
}

/** Draws a configuration together with the endpoints of its services, by the name of the service. */
export function topologyOf(
  config: GatewayConfig,
  endpoints: ReadonlyMap<string, readonly object[]>,
): Topology {
  return {
    listeners: config.listeners.map(({ id, address, tls }) => ({
      name: id,
      address: `${address.host}:${address.port}`,
      tls: tls !== null,
    })),
    routes: config.routes.map((route) => topologyRoute(route, config.listeners[0])),
    services: config.services.map(({ id, balancer, discovery }) => ({
      name: id,
      balancer: balancer.kind,
      discovery: discovery?.kind ?? null,
      endpoints: endpoints.get(id) ?? [],
    })),
  };
}

function topologyRoute(route: RouteConfig, listener: ListenerConfig | undefined): TopologyRoute {
  const { id, match, target } = route;
  return {
    name: id,
    listeners: match.listeners,
    hosts: match.hosts,
    methods: match.methods,
    path: match.path,
    target: target.kind,
    services: servicesOf(target),
    stages: stagesOf(route, listener),
  };
}
