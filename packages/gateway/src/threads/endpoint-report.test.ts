import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exposition } from '../observe/prometheus.ts';
import { EndpointStates } from '../upstream/balance/endpoint-states.ts';
import { endpointReadings } from './endpoint-readings.ts';
import { endpointReport } from './endpoint-report.ts';
import { snapshotOf } from './threads-testing.ts';

const NOW = 1_700_000_000_000;

function setUp(count: number) {
  const states = new EndpointStates(EndpointStates.allocate(count, 1), 0);
  const members = Array.from({ length: count }, (_, slot) => ({
    url: `http://10.0.0.${slot}:80`,
    host: `10.0.0.${slot}`,
    port: 80,
    weight: 1,
    zone: null,
    priority: 0,
    isDraining: false,
    slot,
  }));
  const snapshot = snapshotOf(1);
  const health = { checks: [], historyOf: () => [] };
  const clock = { now: () => NOW, epoch: () => NOW + 60_000 };
  const service = { id: 'shop', slowStartMs: 30_000, panicThreshold: 50 };
  const report = () =>
    endpointReport(
      // Of a service the report needs no more.
      { ...snapshot, services: [{ ...service, members: null } as never] },
      { states, discovered: () => ({ version: 1, endpoints: members }), health, clock },
    );
  const metrics = () => exposition([], null, endpointReadings([service], report()));
  return { states, report, metrics };
}

describe('the report of endpoints', () => {
  it('says where each stands, and why', () => {
    const { states, report } = setUp(5);
    states.penalise(1, NOW + 1);
    states.ejections.eject(2, NOW + 5000, { nowMs: NOW, reason: 'success-rate' });
    states.ejections.eject(3, NOW, { nowMs: NOW, reason: 'consecutive-failures' });
    states.setChecked(4, false);
    assert.deepEqual(
      report().map(({ state, reason }) => `${state} ${reason}`),
      [
        'up ',
        'penalised it asked for a pause',
        'ejected success-rate',
        'half-open consecutive-failures',
        'down ',
      ],
    );
    assert.equal(report()[2]?.ejectedUntil, new Date(NOW + 65_000).toISOString());
    assert.equal(report()[0]?.ejectedUntil, null);
  });

  it('says how warm an endpoint is', () => {
    const { states, report } = setUp(4);
    for (const [slot, ageMs] of [0, 15_000, 30_000].entries()) states.warmUp(slot, NOW - ageMs);
    assert.deepEqual(
      report().map(({ warmShare }) => warmShare),
      [0.1, 0.5, 1, 1],
    );
  });
});

describe('the gauges of endpoints', () => {
  it('count by state, and say when less than the threshold is healthy', () => {
    const { states, metrics } = setUp(4);
    states.setChecked(0, false);
    states.setChecked(1, false);
    assert.match(metrics(), /^turnpike_service_endpoints\{service="shop",state="down"\} 2$/m);
    assert.match(metrics(), /^turnpike_service_panic\{service="shop"\} 0$/m);
    states.eject(2, NOW + 1);
    assert.match(metrics(), /^turnpike_service_panic\{service="shop"\} 1$/m);
    assert.match(metrics(), /^turnpike_endpoint_up\{service="shop",endpoint="http:\/\/10\.0\.0\.2:80"\} 0$/m);
    assert.match(metrics(), /^turnpike_endpoint_up\{service="shop",endpoint="http:\/\/10\.0\.0\.3:80"\} 1$/m);
  });

  it('have a series for each of a thousand endpoints and no more, and count all', () => {
    const { metrics } = setUp(1500);
    const text = metrics();
    assert.equal(text.match(/^turnpike_endpoint_up\{/gm)?.length, 1000);
    assert.doesNotMatch(text, /__overflow__/);
    assert.match(text, /^turnpike_service_endpoints\{service="shop",state="up"\} 1500$/m);
  });
});
