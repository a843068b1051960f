import type { GatewayConfig } from '@turnpike/config';
import type { AdminPorts, RestartAnswer } from '../admin/admin-ports.ts';
import { configView } from '../admin/config-view.ts';
import type { EndpointSet } from '../core/endpoint-set.ts';
import type { JwkSet } from '../identity/signing/published-keys.ts';
import type { EndpointStates } from '../upstream/balance/endpoint-states.ts';
import { breakerReadings, breakerReport, type BreakerSources } from './breaker-report.ts';
import { endpointReport } from './endpoint-report.ts';
import type { ReloadResult } from './reload-result.ts';
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
  readonly metrics: SupervisorMetrics;
  readonly reload: () => Promise<ReloadResult>;
  readonly restart: (thread: number, how: 'graceful' | 'kill') => Promise<RestartAnswer>;
}

/** Answers the questions of the admin API. */
export function adminDesk(parts: DeskParts): AdminPorts {
  const { status, config, redact, jwks, pool, states, breakers, discovered, metrics, reload, restart } =
    parts;
  const services = () => breakerReport(pool.snapshot.services, breakers);
  const readings = () => breakerReadings(services());
  return {
    readiness: () => readiness(status()),
    status: () => statusView(status()),
    metrics: () =>
      config().telemetry.metrics.prometheus ? metrics.exposition(pool.metrics, pool.views, readings()) : null,
    config: () => (status().rescue === null ? configView(config(), redact) : null),
    services,
    endpoints: () => endpointReport(pool.snapshot, states, discovered),
    jwks,
    reload,
    restart,
  };
}
