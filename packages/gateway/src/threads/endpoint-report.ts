import type { EndpointSet } from '../core/endpoint-set.ts';
import type { EndpointCondition } from '../core/endpoint-health.ts';
import type { EndpointStates } from '../upstream/balance/endpoint-states.ts';
import type { CheckStatus } from '../upstream/health/health-checks.ts';
import type { HealthChange, NamedEndpoint } from '../upstream/health/health-history.ts';
import type { ServiceSnapshot, SnapshotData } from './protocol.ts';

/** An endpoint and what all threads together know of it. */
export interface EndpointReport extends NamedEndpoint {
  readonly weight: number;
  readonly zone: string | null;
  readonly isDraining: boolean;
  readonly state: EndpointCondition;
  /** Why it is not up, or `''`. */
  readonly reason: string;
  /** ISO 8601; null: it is not ejected. */
  readonly ejectedUntil: string | null;
  readonly ejections: number;
  /** Its part of its usual share, from 0.1 on, while it is new or healed; then 1. */
  readonly warmShare: number;
  /** Requests under way in all threads; a stream counts as a quarter. */
  readonly inflight: number;
  /** How long good answers take at the moment, and what the balancer makes of that, load and failures reckoned in. */
  readonly latencyUs: number;
  readonly ewmaUs: number;
  readonly lastSampleMs: number;
  readonly ok: number;
  readonly failed: number;
  readonly penalisedUntilMs: number;
  /** What active checks say; null: there are none. */
  readonly check: Pick<CheckStatus, 'state' | 'checkedAtMs' | 'problem'> | null;
  /** The latest first. */
  readonly history: readonly HealthChange[];
}

/** Where a report comes from. */
export interface ReportSources {
  readonly states: EndpointStates;
  readonly discovered: (service: string) => EndpointSet | null;
  readonly health: {
    historyOf(endpoint: NamedEndpoint): readonly HealthChange[];
    readonly checks: readonly CheckStatus[];
  };
  readonly clock: { now(): number; epoch(): number };
}

/** The state of every endpoint of a snapshot, from shared memory. */
export function endpointReport({ services }: SnapshotData, sources: ReportSources): EndpointReport[] {
  const { states, discovered, health, clock } = sources;
  const nowMs = clock.now();
  const checks = new Map(health.checks.map((status) => [`${status.url} ${status.service}`, status]));
  return services.flatMap((service) =>
    (service.members ?? discovered(service.id)?.endpoints ?? []).map((member) => {
      const { url, weight, zone, slot, isDraining } = member;
      const { ejection, warmSinceMs, ...counts } = states.view(slot);
      const state = states.condition(slot, nowMs);
      const status = checks.get(`${url} ${service.id}`);
      return {
        service: service.id,
        url,
        weight,
        zone,
        isDraining,
        state,
        reason: reasonOf(state, ejection.reason ?? '', status?.problem ?? ''),
        ejectedUntil: ejection.isEjected
          ? new Date(clock.epoch() + ejection.ejectedUntilMs - nowMs).toISOString()
          : null,
        ejections: ejection.ejections,
        warmShare: warmShare(service, warmSinceMs, nowMs),
        ...counts,
        check: status === undefined ? null : checkView(status),
        history: health.historyOf({ service: service.id, url }),
      };
    }),
  );
}

function reasonOf(state: EndpointCondition, ejection: string, problem: string): string {
  if (state === 'down') return problem;
  if (state === 'penalised') return 'it asked for a pause';
  return state === 'up' ? '' : ejection;
}

function checkView({ state, checkedAtMs, problem }: CheckStatus) {
  return { state, checkedAtMs, problem };
}

/** It grows evenly over the slow start. */
function warmShare({ slowStartMs }: ServiceSnapshot, sinceMs: number, nowMs: number): number {
  if (sinceMs === 0 || nowMs - sinceMs >= slowStartMs) return 1;
  return Math.max(LEAST_SHARE, (nowMs - sinceMs) / slowStartMs);
}

const LEAST_SHARE = 0.1;
