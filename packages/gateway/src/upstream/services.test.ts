import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointEntry, EndpointSet } from '../core/endpoint-set.ts';
import { random } from '../core/random.ts';
import { TimingWheel } from '../core/timing-wheel.ts';
import { EndpointStates } from './balance/endpoint-states.ts';
import { Services, type PlannedService } from './services.ts';
import { PLAIN_SERVICE, plainPorts } from './upstream-testing.ts';

function entries(...hosts: readonly string[]): EndpointEntry[] {
  return hosts.map((host, slot) => ({
    url: `http://${host}:80`,
    host,
    port: 80,
    weight: 1,
    zone: null,
    priority: 0,
    isDraining: false,
    slot,
  }));
}

function bench(known: EndpointSet | null = null) {
  const ports = {
    ...plainPorts(),
    wheel: new TimingWheel(() => 0),
    random: random(1),
    states: new EndpointStates(EndpointStates.allocate(8, 1), 0),
    connect: () => assert.fail('nobody connects'),
  };
  const services = new Services(ports, () => known);
  const hosts = () =>
    services
      .get('main')
      ?.members.endpoints.map(({ authority }) => authority)
      .join(' ');
  return { services, hosts };
}

const planned = (members: PlannedService['members']): PlannedService[] => [{ ...PLAIN_SERVICE, members }];

describe('the endpoints of a service in a thread', () => {
  it('are those that are known when it begins, and then those of the news', () => {
    const { services, hosts } = bench({ version: 1, endpoints: entries('a') });
    services.apply(planned(null));
    assert.equal(hosts(), 'a:80');
    services.take('main', { version: 2, endpoints: entries('b', 'c') });
    assert.equal(hosts(), 'b:80 c:80');
  });

  it('are those that are written, though there are news for the snapshot that is about to come', () => {
    const { services, hosts } = bench();
    services.apply(planned(entries('a')));
    services.take('main', { version: 1, endpoints: [] });
    assert.equal(hosts(), 'a:80');
  });
});
