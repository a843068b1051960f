import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Topology } from '../../api/topology.ts';
import type { Endpoint } from '../../api/types.ts';
import { foldedRows, layOut, openRows, shownOf } from './diagram-layout.ts';
import { groupsOf } from './groups.ts';

const endpoint = (service: string, url: string, state = 'up'): Endpoint => ({
  service,
  url,
  state,
  weight: 1,
  zone: null,
  isDraining: false,
  reason: '',
  ejectedUntil: null,
  ejections: 0,
  inflight: 0,
  latencyUs: 0,
  ok: 0,
  failed: 0,
});

function topology(services: number, routes: number): Topology {
  const names = Array.from({ length: services }, (_, index) => `s${index}`);
  return {
    listeners: [{ name: 'web', address: ':80', tls: false }],
    services: names.map((name) => ({
      name,
      balancer: 'adaptive',
      discovery: null,
      endpoints: [endpoint(name, `http://${name}:1`), endpoint(name, `http://${name}:2`, 'down')],
    })),
    routes: Array.from({ length: routes }, (_, index) => ({
      name: `r${index}`,
      path: `/p${index}`,
      listeners: [],
      hosts: [],
      methods: [],
      target: 'service',
      services: [names[index % services] ?? ''],
    })),
  };
}

describe('the picture of a topology', () => {
  for (const [services, routes] of [
    [2, 5],
    [50, 500],
    [1, 500],
  ] as const)
    it(`stays within reach with ${routes} routes, and draws nothing over anything`, () => {
      const given = topology(services, routes);
      const groups = groupsOf(given, '');
      const { boxes, lines, height } = layOut(given.listeners, groups, () => foldedRows(groups));
      assert.ok(boxes.size < 300 && height < 6000, `${boxes.size} boxes in ${height} pixels`);
      const places = new Set([...boxes.values()].map(({ column, y }) => `${column}:${y}`));
      assert.equal(places.size, boxes.size);
      for (const { from, to } of lines) assert.ok(boxes.has(from) && boxes.has(to), `${from} ${to}`);
      assert.ok(lines.some(({ isBroken }) => isBroken));
    });

  it('bears that everything is opened', () => {
    const given = topology(20, 10_000);
    const groups = groupsOf(given, '');
    const { boxes } = layOut(given.listeners, groups, () => openRows(groups));
    assert.ok(boxes.size < 1000, `${boxes.size} boxes`);
  });

  it('finds routes by path, and what belongs to them', () => {
    const [group, ...others] = groupsOf(topology(3, 9), '/p4');
    assert.deepEqual(others, []);
    assert.deepEqual(
      [group?.name, group?.routes.map(({ name }) => name), group?.endpoints.length],
      ['s1', ['r4'], 2],
    );
  });

  it('never hides one alone', () => {
    assert.equal(shownOf([1, 2, 3], 2).length, 3);
    assert.equal(shownOf([1, 2, 3, 4], 2).length, 2);
    assert.equal(shownOf([1, 2, 3], 0).length, 0);
  });
});
