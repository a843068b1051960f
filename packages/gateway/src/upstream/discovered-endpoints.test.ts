import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import type { EndpointEntry } from '../core/endpoint-set.ts';
import { EndpointStates, SUPERVISOR } from './balance/endpoint-states.ts';
import { Slots } from './balance/slots.ts';
import type { FoundEndpoint } from './discover/endpoint-source.ts';
import { DiscoveredEndpoints, type Choose } from './discovered-endpoints.ts';

const ALL: Choose = (endpoints) => endpoints;

function found(...hosts: readonly string[]): FoundEndpoint[] {
  return hosts.map((host) => ({ host, port: 80, weight: 1, zone: null, priority: 0, isDraining: false }));
}

function bench(capacity = 8) {
  const clock = manualClock();
  const states = new EndpointStates(EndpointStates.allocate(capacity, 1), SUPERVISOR);
  const told: [string, readonly EndpointEntry[] | null, number][] = [];
  const problems: string[] = [];
  const waiting: (() => void)[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (message: string) => problems.push(message) };
  const endpoints = new DiscoveredEndpoints({
    slots: new Slots(states, 1000),
    clock,
    log,
    later: (callBack) => waiting.push(callBack),
    publish: (service, set) => told.push([service, set?.endpoints ?? null, set?.version ?? 0]),
  });
  const slotsOf = (index: number) =>
    new Map(told[index]?.[1]?.map(({ host, slot }): [string, number] => [host, slot]));
  return { clock, endpoints, told, problems, waiting, slotsOf };
}

describe('discovered endpoints', () => {
  it('get a place each, and keep it while others come and go', () => {
    const { endpoints, told, slotsOf } = bench();
    endpoints.use(new Map([['s', ALL]]));
    endpoints.found('s', found('a', 'b'));
    endpoints.found('s', found('c', 'b'));
    assert.deepEqual(
      told.map(([service, set, version]) => [service, set?.map(({ url }) => url), version]),
      [
        ['s', ['http://a:80', 'http://b:80'], 1],
        ['s', ['http://c:80', 'http://b:80'], 2],
      ],
    );
    assert.equal(slotsOf(1).get('b'), slotsOf(0).get('b'));
    assert.notEqual(slotsOf(1).get('c'), slotsOf(0).get('a'));
  });

  it('find their old place when they come back soon', () => {
    const { clock, endpoints, slotsOf } = bench();
    endpoints.use(new Map([['s', ALL]]));
    endpoints.found('s', found('a', 'b'));
    endpoints.found('s', found('b'));
    clock.advance(500);
    endpoints.found('s', found('a', 'b'));
    assert.deepEqual(slotsOf(2), slotsOf(0));
  });

  it('of one service do not touch those of another', () => {
    const { endpoints, told, slotsOf } = bench();
    endpoints.use(
      new Map([
        ['s', ALL],
        ['t', ALL],
      ]),
    );
    endpoints.found('s', found('a'));
    endpoints.found('t', found('a', 'b'));
    assert.equal(new Set([...slotsOf(0).values(), ...slotsOf(1).values()]).size, 3);
    endpoints.use(new Map([['t', ALL]]));
    assert.deepEqual(told.at(-1), ['s', null, 0]);
    endpoints.found('s', found('a'));
    assert.equal(told.length, 3);
  });

  it('that there is no room for leave those before in use, and are told of', () => {
    const { endpoints, told, problems } = bench(3);
    endpoints.use(new Map([['s', ALL]]));
    endpoints.found('s', found('a', 'b'));
    endpoints.found('s', found('c', 'd', 'e', 'f'));
    assert.equal(told.length, 1);
    assert.equal(problems.length, 1);
    endpoints.found('s', found('a', 'c'));
    assert.equal(told.length, 2);
  });

  it('that there was no room for are used when there is some', () => {
    const { clock, endpoints, told, waiting } = bench(3);
    endpoints.use(new Map([['s', ALL]]));
    endpoints.found('s', found('a', 'b', 'c'));
    endpoints.found('s', found('d'));
    endpoints.found('s', found('e'));
    assert.deepEqual([told.length, waiting.length], [1, 1]);
    waiting.shift()?.();
    assert.deepEqual([told.length, waiting.length], [1, 1]);
    endpoints.found('s', found('a'));
    endpoints.found('s', found('e'));
    clock.advance(1000);
    waiting.shift()?.();
    assert.deepEqual(
      told.map(([, set]) => set?.map(({ host }) => host).join(' ')),
      ['a b c', 'a', 'e'],
    );
    assert.equal(waiting.length, 0);
  });

  it('are chosen anew when the choice is another one, and only then', () => {
    const { endpoints, told } = bench();
    const one: Choose = (all) => all.slice(0, 1);
    endpoints.use(new Map([['s', one]]));
    endpoints.found('s', found('a', 'b'));
    endpoints.use(new Map([['s', one]]));
    assert.equal(told.length, 1);
    endpoints.use(new Map([['s', ALL]]));
    assert.deepEqual(
      told.map(([, set, version]) => [set?.length, version]),
      [
        [1, 1],
        [2, 2],
      ],
    );
  });

  it('are those that were chosen', () => {
    const { endpoints, told } = bench();
    endpoints.use(new Map([['s', (all) => all.slice(0, 1)]]));
    endpoints.found('s', found('a', 'b'));
    assert.deepEqual(
      told[0]?.[1]?.map(({ host }) => host),
      ['a'],
    );
  });
});
