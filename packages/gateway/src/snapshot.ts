import {
  certificatesFor,
  hasSameParts,
  servicesOf,
  type GatewayConfig,
  type LimitKeyConfig,
  type ListenerConfig,
  type PoliciesConfig,
  type RouteConfig,
  type ServiceConfig,
} from '@turnpike/config';
import type { EndpointEntry } from './core/endpoint-set.ts';
import { highestPriorities } from './admission/grades.ts';
import { PLAIN_UPSTREAM_TLS, type UpstreamTls } from './core/upstream-tls.ts';
import { compileConsumers } from './identity/consumers/compile-consumers.ts';
import type { PluginFile } from './plugins/load-plugin.ts';
import { compileRoutes, type CompiledRoutes } from './match/compile-routes.ts';
import type { RouteSource } from './match/route-pattern.ts';
import type { Environment } from './observe/otlp/otlp-settings.ts';
import type { TracesPlan } from './observe/traces/tracer.ts';
import type { CacheBuffers } from './threads/cache-areas.ts';
import { isExported } from './threads/otlp-wishes.ts';
import { pemText, type PemTexts } from './threads/pem-texts.ts';
import { placesOfTexts } from './threads/read-pems.ts';
import type { SnapshotData } from './threads/protocol.ts';
import { slotKey, type Slots } from './upstream/balance/slots.ts';

/** Where what is known of endpoints and services stands in shared memory. */
export interface SnapshotSlots {
  readonly endpoints: Slots;
  readonly services: Slots;
}

/** What is told beside the configuration. */
export interface SnapshotStamp {
  readonly revision: number;
  readonly nowMs: number;
  /** What `readPems` gives; nothing without TLS. */
  readonly pems?: PemTexts;
  /** What may complete the configuration; without it that of the process. */
  readonly environment?: Environment;
  /** Where responses are kept; nothing where no route keeps any. */
  readonly caches?: CacheBuffers;
}

/** A compiled revision, and what the compiler has to say about its routes. */
export interface CompiledSnapshot {
  readonly data: SnapshotData;
  readonly problems: Omit<CompiledRoutes, 'buffer'>;
}

/**
 * Compiles a valid configuration into what the data threads serve from: the supervisor's part of a reload, off the
 * request path. Throws `OutOfSlots` when there are more endpoints or services than shared memory has room for.
 */
export function compileSnapshot(
  config: GatewayConfig,
  slots: SnapshotSlots,
  stamp: SnapshotStamp,
): CompiledSnapshot {
  const keys = config.services.flatMap((service) =>
    service.endpoints.map(({ url }) => slotKey(service.id, url)),
  );
  const assigned = slots.endpoints.assign(keys, stamp.nowMs);
  const serviceSlots = slots.services.assign(
    config.services.map(({ id }) => id),
    stamp.nowMs,
  );
  const priorities = highestPriorities(
    config.routes.map(({ target, policies }) => ({
      services: [...servicesOf(target), ...otherServices(policies)],
      policies,
    })),
  );
  const { buffer, ...problems } = compileRoutes(config.routes.map(routeSource));
  const services = config.services.map((service) => ({
    ...service,
    members: membersOf(service, assigned),
    upstreamTls: upstreamTlsOf(service, stamp.pems ?? new Map()),
    limitSlot: serviceSlots.get(service.id) ?? 0,
    highestPriority: priorities.get(service.id) ?? 'normal',
  }));
  const data: SnapshotData = {
    revision: stamp.revision,
    listeners: config.listeners.map((listener) => withCertificates(listener, config)),
    services,
    zone: config.runtime.zone,
    identityProviders: config.identityProviders,
    consumers: compileConsumers(config.consumers),
    // No thread talks to the database.
    stores: { ...config.stores, database: null },
    selfProtection: config.runtime.selfProtection,
    hasExpressions:
      config.routes.some(({ policies }) => usesExpressions(policies)) ||
      config.telemetry.accessLog.some(({ fields }) => fields.some(({ source }) => source.kind === 'rule')),
    hasContracts: config.routes.some(
      ({ target, policies }) => policies.validate !== null || target.kind === 'mcp',
    ),
    hasGraphql: config.routes.some(
      ({ policies, translate }) => policies.graphql !== null || translate?.kind === 'graphql',
    ),
    plugins: pluginFiles(config),
    documents: config.documents,
    pems: stamp.pems ?? new Map(),
    routes: buffer,
    unrouted: config.unrouted,
    accessLog: config.telemetry.accessLog,
    debugSecret: config.telemetry.debug?.secret ?? null,
    traces: tracesPlan(config, stamp.environment ?? process.env),
    caches: stamp.caches ?? new Map(),
  };
  return { data, problems };
}

/** With those certificates that stand beside the listeners behind its own; `readPems` has their texts. */
function withCertificates(listener: ListenerConfig, config: GatewayConfig): ListenerConfig {
  const more = certificatesFor(listener, config).map(({ id, names }) => ({
    kind: 'files' as const,
    names,
    ...placesOfTexts(id),
  }));
  const { tls } = listener;
  if (tls === null || more.length === 0) return listener;
  return { ...listener, tls: { ...tls, certificates: [...tls.certificates, ...more] } };
}

/** Each once. */
function pluginFiles({ routes }: GatewayConfig): readonly PluginFile[] {
  const all = routes.flatMap(({ policies }) => policies.plugins);
  return [...new Map(all.map(({ file, digest }) => [`${digest} ${file}`, { file, digest }])).values()];
}

/** Without a collector nobody would ever read the spans. */
function tracesPlan({ telemetry }: GatewayConfig, environment: Environment): TracesPlan | null {
  if (telemetry.traces === null) return null;
  return { ...telemetry.traces, isExported: isExported('traces', telemetry, environment) };
}

/** Where requests of a route may go when its own service does not answer. */
function otherServices({ fallback }: PoliciesConfig): string[] {
  return fallback?.kind === 'service' ? [fallback.service] : [];
}

/** What is written in place; what is discovered comes in news. */
function membersOf(
  { id, endpoints, discovery }: ServiceConfig,
  slots: ReadonlyMap<string, number>,
): EndpointEntry[] | null {
  if (discovery !== null) return null;
  return endpoints.map((endpoint) => ({
    ...endpoint,
    isDraining: false,
    slot: slots.get(slotKey(id, endpoint.url)) ?? 0,
  }));
}

/** How the endpoints of a service are spoken to, with the texts of its certificates. */
export function upstreamTlsOf({ tls, discovery }: ServiceConfig, pems: PemTexts): UpstreamTls {
  if (tls === null) return PLAIN_UPSTREAM_TLS;
  const { authorities, serverName, keyPair, pins } = tls;
  return {
    authorities: authorities === null ? null : pemText(pems, authorities.path),
    serverName,
    keyPair:
      keyPair === null
        ? null
        : { certificate: pemText(pems, keyPair.certificate.path), key: pemText(pems, keyPair.keyFile) },
    pins,
    isForAll: discovery !== null,
  };
}

const known = new WeakMap<
  RouteConfig['match'],
  { readonly route: RouteConfig; readonly source: RouteSource }
>();

/** Written once for each route: after a reload most are the same. Threads never ask on which lines. */
function routeSource(route: RouteConfig): RouteSource {
  const before = known.get(route.match);
  if (before !== undefined && hasSameParts(before.route, route)) return before.source;
  const source = { id: route.id, ...route.match, payload: JSON.stringify(route) };
  known.set(route.match, { route, source });
  return source;
}

function usesExpressions({ authorize, rateLimit, concurrency }: PoliciesConfig): boolean {
  return (
    (authorize?.rule ?? null) !== null ||
    concurrency?.by.some(isRule) === true ||
    rateLimit.some(
      ({ by, when, cost, responseCost, limitFrom }) =>
        [when, responseCost].some((text) => text !== null) ||
        (cost !== null && !Number.isFinite(Number(cost))) ||
        limitFrom?.kind === 'rule' ||
        by.some(isRule),
    )
  );
}

function isRule({ kind }: LimitKeyConfig): boolean {
  return kind === 'rule';
}
