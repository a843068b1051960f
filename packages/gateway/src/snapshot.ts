import type { GatewayConfig, RouteConfig } from '@turnpike/config';
import { compileConsumers } from './identity/consumers/compile-consumers.ts';
import { compileRoutes, type CompiledRoutes } from './match/compile-routes.ts';
import type { SnapshotData } from './threads/protocol.ts';
import { slotKey, type Slots } from './upstream/balance/slots.ts';

/** A compiled revision, and what the compiler has to say about its routes. */
export interface CompiledSnapshot {
  readonly data: SnapshotData;
  readonly problems: Omit<CompiledRoutes, 'buffer'>;
}

/**
 * Compiles a valid configuration into what the data threads serve from: the supervisor's part of a reload, off the
 * request path. Throws `OutOfSlots` when there are more endpoints than shared memory has room for.
 */
export function compileSnapshot(
  config: GatewayConfig,
  slots: Slots,
  stamp: { readonly revision: number; readonly nowMs: number },
): CompiledSnapshot {
  const keys = config.services.flatMap((service) =>
    service.endpoints.map(({ url }) => slotKey(service.id, url)),
  );
  const assigned = slots.assign(keys, stamp.nowMs);
  const { buffer, ...problems } = compileRoutes(config.routes.map(routeSource));
  const services = config.services.map((service) => ({
    ...service,
    slots: service.endpoints.map(({ url }) => assigned.get(slotKey(service.id, url)) ?? 0),
  }));
  const data: SnapshotData = {
    revision: stamp.revision,
    listeners: config.listeners,
    services,
    identityProviders: config.identityProviders,
    consumers: compileConsumers(config.consumers),
    hasExpressions: config.routes.some(({ policies }) => (policies.authorize?.rule ?? null) !== null),
    routes: buffer,
    accessLog: config.telemetry.accessLog,
  };
  return { data, problems };
}

function routeSource(route: RouteConfig) {
  return { id: route.id, ...route.match, payload: JSON.stringify(route) };
}
