import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { consulServer } from '@turnpike/testkit/consul-server';
import { withoutDnsServer } from '@turnpike/testkit/dns-server';
import { withoutEtcd } from '@turnpike/testkit/etcd-server';
import {
  areAt,
  consulRegistry,
  countingEndpoints,
  discoveryOf,
  dnsRegistry,
  etcdRegistry,
  fileRegistry,
  kubernetesRegistry,
  ownRegistry,
  srvRegistry,
  untilBusy,
  untilDiscovered,
  untilEndpoints,
  untilIdle,
  type CountingEndpoint,
  type TestRegistry,
} from './discovery-world.ts';
import { runGateway } from './running-gateway.ts';
import { steadyLoad } from './steady-load.ts';

const LOAD = { clients: 8, pauseMs: 10 };

describe('endpoints come from', { timeout: 240_000, concurrency: 3 }, () => {
  let endpoints: CountingEndpoint[];

  before(async () => {
    endpoints = await countingEndpoints(3);
  });
  after(async () => {
    for (const endpoint of endpoints) await endpoint[Symbol.asyncDispose]();
  });

  const kinds: readonly [
    kind: string,
    open: (port: number) => Promise<TestRegistry> | TestRegistry,
    skip: string | false,
  ][] = [
    ['dns', dnsRegistry, withoutDnsServer()],
    ['srv', srvRegistry, withoutDnsServer()],
    ['file', fileRegistry, false],
    ['etcd', etcdRegistry, withoutEtcd()],
    ['consul', consulRegistry, false],
    ['kubernetes', kubernetesRegistry, false],
    ['registry', ownRegistry, false],
  ];

  for (const [kind, openRegistry, skip] of kinds) {
    it(`${kind}: those that come get requests, and those that go get none`, { skip }, async () => {
      const [first, second, third] = endpoints;
      assert.ok(first && second && third);
      await using registry = await openRegistry(first.port);
      if (kind !== 'registry') await registry.has([first, second]);
      await using gateway = await runGateway(configOf(registry));
      if (kind === 'registry') await registry.has([first, second], gateway);
      await untilEndpoints(gateway, areAt([first, second]));

      await using load = steadyLoad(gateway.port, LOAD);
      await untilBusy(load, first);
      await untilBusy(load, second);
      await registry.has([first, second, third], gateway);
      await untilBusy(load, third);
      await registry.has([second, third], gateway);
      await untilEndpoints(gateway, areAt([second, third]));
      await untilIdle(load, first);

      const view = await untilDiscovered(gateway, ({ problem }) => problem === '');
      assert.equal(view.source, kind);
      assert.equal(view.endpoints, 2);
      assert.equal(view.from, 'source');
      assert.equal(view.pending, null);
      assert.notEqual(view.ageSeconds, null);
      const ready = await gateway.admin('/readyz?verbose');
      assert.deepEqual(
        JSON.parse(ready.body).discovery.map(({ service, source }: typeof view) => [service, source]),
        [['users', kind]],
      );
      assert.deepEqual((await load.stop()).failures, []);
    });
  }

  it('one agent of Consul for a hundred services, whose queries do not wait for each other', async () => {
    const [first] = endpoints;
    assert.ok(first);
    await using consul = await consulServer();
    const names = Array.from({ length: 100 }, (_, i) => `s${i}`);
    for (const name of names) consul.register(name, { id: 'a', address: first.host, port: first.port });
    const services = names.map(
      (name) => `${name}: { discovery: { consul: "${consul.url}", service: ${name} } }`,
    );
    await using _gateway = await runGateway(configOf({ discovery: '{ registry: users }' }, services));
    const isWaitedFor = (name: string) =>
      consul.requests.some(({ path, query }) => path.endsWith(`/${name}`) && query.has('index'));
    // Much sooner than the queries end by themselves.
    await eventually(() => names.every(isWaitedFor), 'all are asked for');
  });

  it('the registry also for a thread that is replaced', async () => {
    const [first, second] = endpoints;
    assert.ok(first && second);
    await using registry = ownRegistry();
    await using gateway = await runGateway(configOf(registry));
    await registry.has([first, second], gateway);
    await untilEndpoints(gateway, areAt([first, second]));
    await using load = steadyLoad(gateway.port, LOAD);
    for (const thread of [0, 1]) {
      let answer = await gateway.admin(`/threads/${thread}/restart`, 'POST');
      // The one before may still be on its way out.
      while (answer.status === 409) answer = await gateway.admin(`/threads/${thread}/restart`, 'POST');
      assert.equal(answer.status, 200, answer.body);
      await untilBusy(load, first);
      await untilBusy(load, second);
    }
    await registry.has([second], gateway);
    await untilIdle(load, first);
    assert.equal((await discoveryOf(gateway)).endpoints, 1);
    assert.deepEqual((await load.stop()).failures, []);
  });
});

function configOf({ discovery }: Pick<TestRegistry, 'discovery'>, services: readonly string[] = []): string {
  return `
listeners: { web: { address: 127.0.0.1:0 } }
services:
  users: { discovery: ${discovery} }
${services.map((service) => `  ${service}\n`).join('')}
routes: { all: { match: { path: /* }, service: users } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2, drainTimeout: 4s }
`;
}
