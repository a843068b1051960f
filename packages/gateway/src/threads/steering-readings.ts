import type { FailureGate } from '../admin/failure-gate.ts';
import type { RequestCounts } from '../admin/request-counts.ts';
import type { SteeringFigures } from '../admin/steering.ts';
import type { Reading } from '../observe/series-book.ts';

/** What the admin API and the control plane know of themselves. */
export interface SteeringSources {
  /** Null: there is no admin API. */
  readonly admin: {
    readonly requests: Pick<RequestCounts, 'entries'>;
    readonly failures: Pick<FailureGate, 'count' | 'locked'>;
  } | null;
  /** Null: there is no database. */
  readonly figures: SteeringFigures | null;
  readonly nowMs: number;
}

/** The control plane as metrics. Never asks the database: what it says of it is what was heard last. */
export function steeringReadings({ admin, figures, nowMs }: SteeringSources): Reading[] {
  const ofAdmin =
    admin === null
      ? []
      : [
          ...admin.requests.entries.map(([operation, values]): Reading => {
            return { name: 'turnpike_admin_requests_total', labels: { operation }, values };
          }),
          one('turnpike_admin_sign_in_failures_total', admin.failures.count),
          one('turnpike_admin_locked_addresses', admin.failures.locked),
        ];
  if (figures === null) return ofAdmin;
  const { revision, newest, takenAtMs, publishDelayMs, databaseAgeSeconds, isDatabaseUp } = figures;
  const { members, rollout, objects } = figures;
  return [
    ...ofAdmin,
    one('turnpike_control_revision', revision, newest),
    ...ifKnown(takenAtMs, (at) => one('turnpike_control_revision_age_seconds', (nowMs - at) / 1000)),
    ...ifKnown(publishDelayMs, (ms) => one('turnpike_control_publish_delay_seconds', ms / 1000)),
    one('turnpike_control_database_up', isDatabaseUp ? 1 : 0),
    ...ifKnown(databaseAgeSeconds, (age) => one('turnpike_control_database_age_seconds', age)),
    ...objects.map(({ kind, active, quarantined, shadowed }): Reading => {
      return { name: 'turnpike_control_objects', labels: { kind }, values: [active, quarantined, shadowed] };
    }),
    ...ifKnown(members, ({ current, behind, troubled, silent }) =>
      one('turnpike_control_members', current, behind, troubled, silent),
    ),
    ...ifKnown(rollout, (state) =>
      one('turnpike_control_rollout', state === 'running' ? 1 : 0, state === 'paused' ? 1 : 0),
    ),
  ];
}

function one(name: Reading['name'], ...values: number[]): Reading {
  return { name, labels: {}, values };
}

function ifKnown<T>(value: T | null, reading: (value: T) => Reading): Reading[] {
  return value === null ? [] : [reading(value)];
}
