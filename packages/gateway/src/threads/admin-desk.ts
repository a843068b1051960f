import type { GatewayConfig } from '@turnpike/config';
import type { AdminPorts, RestartAnswer } from '../admin/admin-ports.ts';
import { configView } from '../admin/config-view.ts';
import type { AcmeStatus } from '../acme/acme-desk.ts';
import type { EndpointSet } from '../core/endpoint-set.ts';
import type { JwkSet } from '../identity/signing/published-keys.ts';
import type { ServiceLimits } from '../admission/service-limits.ts';
import type { StrainBoard } from '../admission/strain-board.ts';
import type { EndpointStates } from '../upstream/balance/endpoint-states.ts';
import type { DiscoveryStatus } from '../upstream/discover/discovery.ts';
import type { InstanceRegistry } from '../upstream/discover/instance-registry.ts';
import { systemClock } from '../core/ports.ts';
import type { AlertDesk } from './alert-desk.ts';
import { cacheAdmin, type CacheParts } from './cache-admin.ts';
import { breakerReport, type BreakerSources } from './breaker-report.ts';
import { certificateList } from './certificate-list.ts';
import { endpointReport } from './endpoint-report.ts';
import type { HealthDesk } from './health-desk.ts';
import { limitAdmin, type LimitParts } from './limit-admin.ts';
import type { LogDesk } from './log-desk.ts';
import { metricReadings } from './metric-readings.ts';
import type { ReloadResult } from './reload-result.ts';
import { serviceReport } from './service-report.ts';
import type { SteeringSources } from './steering-readings.ts';
import { readiness, statusView, type StatusParts } from './status.ts';
import type { SupervisorMetrics } from './supervisor-metrics.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What the supervisor lets the admin API see and do. */
export interface DeskParts {
  readonly status: () => StatusParts;
  readonly config: () => GatewayConfig;
  readonly redact: (text: string) => string;
  readonly jwks: () => JwkSet;
  readonly pool: WorkerPool;
  readonly states: EndpointStates;
  readonly breakers: BreakerSources;
  readonly discovered: (service: string) => EndpointSet | null;
  readonly limits: ServiceLimits;
  readonly strains: StrainBoard;
  /** How the sources of discovered services do. */
  readonly discovery: () => readonly DiscoveryStatus[];
  /** How it stands with certificates that are fetched. */
  readonly acme: () => readonly AcmeStatus[];
  /** Those that were fetched, in PEM. */
  readonly fetched: () => ReadonlyMap<string, string>;
  readonly caches: Pick<CacheParts, 'areas' | 'purge'>;
  readonly counted: Omit<LimitParts, 'config'>;
  readonly openApi: AdminPorts['openApi'];
  readonly registry: InstanceRegistry;
  readonly health: HealthDesk;
  readonly live: AdminPorts['live'];
  readonly logs: Pick<LogDesk, 'levels' | 'change'>;
  readonly metrics: SupervisorMetrics;
  readonly alerts: AdminPorts['alerts'] & Pick<AlertDesk, 'readings'>;
  /** What the admin API and the control plane know of themselves. */
  readonly steered: () => Omit<SteeringSources, 'nowMs'>;
  readonly reload: () => Promise<ReloadResult>;
  readonly restart: (thread: number, how: 'graceful' | 'kill') => Promise<RestartAnswer>;
}

/** Answers the questions of the admin API. */
export function adminDesk(parts: DeskParts): AdminPorts {
  const {
    status,
    config,
    redact,
    jwks,
    pool,
    states,
    breakers,
    discovered,
    limits,
    health,
    discovery,
    caches,
    counted,
    openApi,
    registry,
    live,
    logs,
    metrics,
    alerts,
    reload,
    restart,
  } = parts;
  const limited = () => serviceReport(pool.snapshot, limits);
  const broken = () => breakerReport(pool.snapshot.services, breakers);
  const endpoints = () => endpointReport(pool.snapshot, { states, discovered, health, clock: systemClock });
  return {
    readiness: () => readiness(status()),
    status: () => statusView(status()),
    metrics: (accept) =>
      config().telemetry.metrics.prometheus
        ? metrics.exposition(accept, metrics.families(pool.metrics, pool.views, metricReadings(parts)))
        : null,
    config: () => (status().rescue === null ? configView(config(), redact) : null),
    services: () => joined(limited(), broken()),
    endpoints,
    certificates: () =>
      certificateList({
        snapshot: pool.snapshot,
        config: config(),
        acme: parts.acme(),
        fetched: parts.fetched(),
        nowMs: systemClock.epoch(),
      }),
    discovery,
    alerts,
    cache: cacheAdmin({ ...caches, config, counted: () => pool.metrics, clock: systemClock }),
    limits: limitAdmin({ ...counted, config }),
    openApi,
    registry,
    live,
    logs,
    jwks,
    reload,
    restart,
  };
}

/** One entry for each service, with all that the reports say of it. */
function joined(...reports: readonly (readonly { readonly service: string }[])[]): object[] {
  const entries = new Map<string, object>();
  for (const report of reports.flat())
    entries.set(report.service, { ...entries.get(report.service), ...report });
  return [...entries.values()];
}
