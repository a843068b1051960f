import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compileSnapshot } from './snapshot.ts';
import { configOf } from './threads/threads-testing.ts';
import { EndpointStates, SUPERVISOR } from './upstream/balance/endpoint-states.ts';
import { Slots } from './upstream/balance/slots.ts';

it('a service that stands in for another may get requests as important as those', () => {
  const endpoints = ['http://127.0.0.1:1'];
  const config = configOf({
    services: { main: { endpoints }, spare: { endpoints }, shadow: { endpoints } },
    routes: {
      all: {
        match: { path: '/*' },
        service: 'main',
        policies: { priority: 'high', fallback: { service: 'spare' }, mirror: { service: 'shadow' } },
      },
    },
  });
  const states = new EndpointStates(EndpointStates.allocate(8, 1), SUPERVISOR);
  const slots = { endpoints: new Slots(states, 0), services: new Slots(states, 0) };
  const { services } = compileSnapshot(config, slots, { revision: 1, nowMs: 0 }).data;
  assert.deepEqual(
    services.map(({ id, highestPriority }) => [id, highestPriority]),
    [
      ['main', 'high'],
      ['spare', 'high'],
      ['shadow', 'normal'],
    ],
  );
});
