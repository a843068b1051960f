import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { endpointProcess, type EndpointProcess } from '@turnpike/testkit/endpoint-process';
import { withoutEtcd } from '@turnpike/testkit/etcd-server';
import {
  areAt,
  discoveryOf,
  etcdRegistry,
  ownRegistry,
  reload,
  untilEndpoints,
  urlOf,
  type Place,
  type TestRegistry,
} from './discovery-world.ts';
import { registeredInstance } from './registered-instance.ts';
import { runGateway } from './running-gateway.ts';
import { steadyLoad } from './steady-load.ts';

const LOAD = { clients: 8, pauseMs: 10 };
/** Requests between two changes: every client meets every endpoint. */
const SOME = 200;
const CHANGES = 150;
const CHANGES_A_SECOND = 50;

describe('no request fails', { timeout: 240_000, concurrency: 3 }, () => {
  const processes: EndpointProcess[] = [];
  let places: Place[];

  before(async () => {
    for (let i = 0; i < 4; i++) processes.push(await endpointProcess());
    places = processes.map(({ port }) => ({ host: '127.0.0.1', port }));
  });
  after(async () => {
    for (const endpoint of processes) await endpoint.kill();
  });

  const kinds: readonly [
    kind: string,
    open: () => Promise<TestRegistry> | TestRegistry,
    skip: string | false,
  ][] = [
    ['etcd', etcdRegistry, withoutEtcd()],
    ['registry', ownRegistry, false],
  ];
  for (const [kind, openRegistry, skip] of kinds) {
    it(`while ${kind} changes fifty times a second`, { skip }, async () => {
      await using registry = await openRegistry();
      if (kind !== 'registry') await registry.has(places);
      await using gateway = await runGateway(configOf(`discovery: ${registry.discovery}`));
      if (kind === 'registry') await registry.has(places, gateway);
      await untilEndpoints(gateway, areAt(places));
      await using load = steadyLoad(gateway.port, LOAD);
      for (let change = 0; change < CHANGES; change++) {
        const absent = change % 2 === 0 ? (change / 2) % places.length : null;
        const next = delay(1000 / CHANGES_A_SECOND);
        await registry.has(
          places.filter((_, i) => i !== absent),
          gateway,
        );
        await next;
      }
      await registry.has(places.slice(2), gateway);
      await untilEndpoints(gateway, areAt(places.slice(2)));
      await load.answered(SOME);
      assert.ok((await discoveryOf(gateway)).changes > 2);
      assert.deepEqual((await load.stop()).failures, []);
    });
  }

  it('in a rolling deploy through the registry, nor when an instance dies without a word', async () => {
    await using gateway = await runGateway(configOf('discovery: { registry: users }'));
    await using instances = new AsyncDisposableStack();
    const start = async (id: string) => instances.use(await registeredInstance(gateway, id));
    const old = [await start('a1'), await start('a2'), await start('a3')];
    const fresh: typeof old = [];
    await untilEndpoints(gateway, areAt(old));
    await using load = steadyLoad(gateway.port, LOAD);
    for (const [i, instance] of old.entries()) {
      fresh.push(await start(`b${i}`));
      await load.answered(SOME);
      await instance.drain();
      await untilEndpoints(gateway, (all) =>
        all.some((one) => one.url === urlOf(instance) && one.isDraining),
      );
      // What a thread had begun, and what it begins before it hears of it.
      await load.answered(SOME);
      await instance.leave();
      await load.answered(SOME);
    }
    await untilEndpoints(gateway, areAt(fresh));
    await fresh[0]?.die();
    await untilEndpoints(gateway, areAt(fresh.slice(1)));
    await load.answered(SOME);
    assert.deepEqual((await load.stop()).failures, []);
  });

  it(
    'when a service moves from static endpoints to discovery and back',
    { skip: withoutEtcd() },
    async () => {
      await using registry = await etcdRegistry();
      await registry.has(places.slice(1, 3));
      const fixed = configOf(`endpoints: [${places.slice(0, 2).map(urlOf).join(', ')}]`);
      const discovered = configOf(`discovery: ${registry.discovery}`);
      await using gateway = await runGateway(fixed);
      await using load = steadyLoad(gateway.port, LOAD);
      for (let round = 0; round < 5; round++) {
        await reload(gateway, discovered);
        await untilEndpoints(gateway, areAt(places.slice(1, 3)));
        await load.answered(SOME);
        await reload(gateway, fixed);
        await untilEndpoints(gateway, areAt(places.slice(0, 2)));
        await load.answered(SOME);
      }
      assert.deepEqual((await load.stop()).failures, []);
    },
  );

  it('when a reload is refused that would have moved a service to a registry without instances', async () => {
    const fixed = configOf(`endpoints: [${places.map(urlOf).join(', ')}]`);
    await using gateway = await runGateway(fixed);
    await using load = steadyLoad(gateway.port, LOAD);
    const taken = `web: { address: 127.0.0.1:0 }, taken: { address: 127.0.0.1:${places[0]?.port} }`;
    const refused = configOf('discovery: { registry: users }').replace(
      'web: { address: 127.0.0.1:0 }',
      taken,
    );
    await writeFile(gateway.configFile, refused);
    for (let round = 0; round < 3; round++) {
      const answer = await gateway.admin('/reload', 'POST');
      assert.notEqual(answer.status, 200, answer.body);
      await load.answered(SOME);
    }
    await untilEndpoints(gateway, areAt(places));
    assert.deepEqual((await load.stop()).failures, []);
  });

  it(
    'when services come and go whose registry hangs, and no reload hangs',
    { skip: withoutEtcd() },
    async () => {
      await using registry = await etcdRegistry();
      await registry.has(places);
      const discovery = `discovery: ${registry.discovery}`;
      const late = `discovery: { etcd: "${registry.server.url}", prefix: /late/ }`;
      const routes = 'late: { match: { path: /late }, service: late }';
      await using gateway = await runGateway(configOf(discovery));
      await using load = steadyLoad(gateway.port, LOAD);
      const statusOfLate = async () => {
        const response = await fetch(`http://127.0.0.1:${gateway.port}/late`);
        await response.arrayBuffer();
        return response.status;
      };
      await load.answered(SOME);
      await registry.server.put('/late/a', urlOf(places[0] ?? { host: '', port: 0 }));
      registry.server.pause();
      await reload(gateway, configOf(discovery, { late, routes }));
      assert.equal((await discoveryOf(gateway, 'late')).from, 'nothing');
      assert.equal(await statusOfLate(), 503);
      await load.answered(SOME);
      await reload(gateway, configOf(discovery));
      await reload(gateway, configOf(discovery, { late, routes }));
      await load.answered(SOME);
      registry.server.resume();
      while ((await statusOfLate()) !== 200) await load.answered(SOME);
      assert.deepEqual((await load.stop()).failures, []);
    },
  );
});

function configOf(
  users: string,
  more: { readonly late: string; readonly routes: string } | null = null,
): string {
  return `
listeners: { web: { address: 127.0.0.1:0 } }
services:
  users: { ${users} }
  ${more === null ? '' : `late: { ${more.late} }`}
routes:
  all: { match: { path: /* }, service: users }
  ${more?.routes ?? ''}
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2 }
`;
}
