import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FailureGate } from '../admin/failure-gate.ts';
import { RequestCounts } from '../admin/request-counts.ts';
import { steeringReadings, type SteeringSources } from './steering-readings.ts';

const figures: NonNullable<SteeringSources['figures']> = {
  revision: 6,
  newest: 7,
  takenAtMs: 70_000,
  publishDelayMs: 250,
  isDatabaseUp: false,
  databaseAgeSeconds: 12,
  objects: [{ kind: 'routes', active: 3, quarantined: 1, shadowed: 0 }],
  members: { current: 1, behind: 2, troubled: 0, silent: 3 },
  rollout: 'paused',
};

const textOf = (sources: Partial<SteeringSources>): string[] =>
  steeringReadings({ admin: null, figures: null, nowMs: 100_000, ...sources }).map(
    ({ name, labels, values }) =>
      `${name.replace('turnpike_', '')}${Object.values(labels).join()} ${values.join()}`,
  );

describe('readings of the control plane', () => {
  it('say what is known, and nothing of what is not', () => {
    assert.deepEqual(textOf({ figures }), [
      'control_revision 6,7',
      'control_revision_age_seconds 30',
      'control_publish_delay_seconds 0.25',
      'control_database_up 0',
      'control_database_age_seconds 12',
      'control_objectsroutes 3,1,0',
      'control_members 1,2,0,3',
      'control_rollout 0,1',
    ]);
    const unknown = {
      takenAtMs: null,
      publishDelayMs: null,
      databaseAgeSeconds: null,
      members: null,
      rollout: null,
    };
    assert.deepEqual(textOf({ figures: { ...figures, ...unknown, objects: [] } }), [
      'control_revision 6,7',
      'control_database_up 0',
    ]);
    assert.deepEqual(textOf({}), []);
  });

  it('count requests by what they are for, and wrong credentials', () => {
    const requests = new RequestCounts();
    for (const [method, target, status] of [
      ['GET', '/healthz', 200],
      ['GET', '/readyz', 503],
      ['GET', '/readyz?verbose', 401],
      ['GET', '/metrics', 200],
      ['GET', '/v1/routes', 200],
      ['HEAD', '/', 304],
      ['PUT', '/v1/routes/a', 201],
      ['ODD', '/x', 999],
    ] as const)
      requests.add(method, target, status);
    let now = 0;
    const failures = new FailureGate({ now: () => now, epoch: () => now });
    for (let i = 0; i < 20; i++) failures.failed('192.0.2.1');
    failures.failed('192.0.2.2');
    const read = () => textOf({ admin: { requests, failures } });
    assert.deepEqual(read(), [
      'admin_requests_totalhealth 0,1,0,1,1',
      'admin_requests_totalmetrics 0,1,0,0,0',
      'admin_requests_totalread 0,1,1,0,0',
      'admin_requests_totalchange 0,1,0,0,0',
      'admin_sign_in_failures_total 21',
      'admin_locked_addresses 1',
    ]);
    now = 61_000;
    assert.equal(read().at(-1), 'admin_locked_addresses 0');
  });
});
