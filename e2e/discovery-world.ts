// Registries of every kind behind one face, endpoints that count, and what the admin API says of them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { consulServer } from '@turnpike/testkit/consul-server';
import { dnsServer, type DnsTestServer } from '@turnpike/testkit/dns-server';
import { etcdServer, type EtcdServer } from '@turnpike/testkit/etcd-server';
import { kubernetesServer } from '@turnpike/testkit/kubernetes-server';
import type { RunningGateway } from './running-gateway.ts';
import type { SteadyLoad } from './steady-load.ts';

/** An endpoint in this process. */
export interface CountingEndpoint extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Requests so far. */
  readonly count: number;
}

/** Endpoints with one port and addresses 127.0.0.1, 127.0.0.2 and so on, as DNS wants it. */
export async function countingEndpoints(count: number): Promise<CountingEndpoint[]> {
  for (let attempt = 1; ; attempt++) {
    const opened: CountingEndpoint[] = [];
    try {
      for (let i = 1; i <= count; i++) opened.push(await open(`127.0.0.${i}`, opened[0]?.port ?? 0));
      return opened;
    } catch (error) {
      // Somebody else has that port on one of the addresses.
      for (const endpoint of opened) await endpoint[Symbol.asyncDispose]();
      if (attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

async function open(host: string, wanted: number): Promise<CountingEndpoint> {
  let count = 0;
  const server: Server = createServer((_, response) => {
    count++;
    response.end(host);
  });
  server.keepAliveTimeout = 0;
  await once(server.listen(wanted, host), 'listening');
  return {
    host,
    port: (server.address() as AddressInfo).port,
    get count() {
      return count;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** An address in a registry. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** A registry that has one service. */
export interface TestRegistry extends AsyncDisposable {
  /** What stands behind `discovery:`. */
  readonly discovery: string;
  /** These are all instances from now on. The registry of a gateway needs the gateway. */
  has(places: readonly Place[], gateway?: RunningGateway): Promise<void>;
}

/** A registry that can go and come back. */
export interface MortalRegistry extends TestRegistry {
  kill(): Promise<void>;
  /** It is back, and has these. */
  comeBack(places: readonly Place[]): Promise<void>;
}

/** Key-value entries, one for each place: tells them what is new and what is gone. */
function differences(
  add: (place: Place, gateway?: RunningGateway) => Promise<void> | void,
  remove: (place: Place, gateway?: RunningGateway) => Promise<void> | void,
): TestRegistry['has'] {
  let before = new Map<string, Place>();
  return async (places, gateway) => {
    const now = new Map(places.map((place) => [nameOf(place), place]));
    const fresh = [...now].filter(([name]) => !before.has(name));
    const gone = [...before].filter(([name]) => !now.has(name));
    before = now;
    await inTens(fresh, ([, place]) => add(place, gateway));
    await inTens(gone, ([, place]) => remove(place, gateway));
  };
}

async function inTens<T>(all: readonly T[], work: (one: T) => Promise<void> | void): Promise<void> {
  for (let i = 0; i < all.length; i += 10)
    await Promise.all(all.slice(i, i + 10).map(async (one) => work(one)));
}

export function nameOf({ host, port }: Place): string {
  return `${host}:${port}`;
}

export function urlOf(place: Place): string {
  return `http://${nameOf(place)}`;
}

export async function dnsRegistry(port: number): Promise<MortalRegistry> {
  const server = await dnsServer({ hosts: {} });
  const zone = (places: readonly Place[]) => ({ 'users.test': places.map(({ host }) => host) });
  return {
    discovery: `{ dns: users.test, port: ${port}, resolvers: ["127.0.0.1:${server.port}"] }`,
    ...lifeOf(server, zone),
  };
}

export async function srvRegistry(port: number): Promise<MortalRegistry> {
  const srv = [`_users._tcp.test,all.test,${port},0,1`];
  const server = await dnsServer({ hosts: {}, srv });
  const zone = (places: readonly Place[]) => ({ 'all.test': places.map(({ host }) => host) });
  return {
    discovery: `{ srv: _users._tcp.test, resolvers: ["127.0.0.1:${server.port}"] }`,
    ...lifeOf(server, zone),
  };
}

function lifeOf(
  server: DnsTestServer,
  hostsOf: (places: readonly Place[]) => Record<string, readonly string[]>,
): Omit<MortalRegistry, 'discovery'> {
  return {
    has: (places) => server.changeHosts(hostsOf(places)),
    kill: () => server.kill(),
    comeBack: async (places) => {
      await server.restart();
      await server.changeHosts(hostsOf(places));
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export async function fileRegistry(): Promise<TestRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-endpoints-'));
  const file = join(directory, 'users.yaml');
  return {
    discovery: `{ file: ${file} }`,
    has: async (places) => {
      await writeFile(`${file}.new`, JSON.stringify(places.map(urlOf)));
      await rename(`${file}.new`, file);
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

/** With more of the server, for those who want to hurt it. */
export async function etcdRegistry(): Promise<MortalRegistry & { readonly server: EtcdServer }> {
  const server = await etcdServer();
  const has = differences(
    (place) => server.put(`/users/${nameOf(place)}`, urlOf(place)),
    (place) => server.delete(`/users/${nameOf(place)}`),
  );
  return {
    server,
    discovery: `{ etcd: "${server.url}", prefix: /users/ }`,
    has,
    kill: () => server.kill(),
    comeBack: async (places) => {
      await server.restart();
      await has(places);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

export async function consulRegistry(): Promise<TestRegistry> {
  const server = await consulServer();
  return {
    discovery: `{ consul: "${server.url}", service: users }`,
    has: differences(
      (place) => server.register('users', { id: nameOf(place), address: place.host, port: place.port }),
      (place) => server.deregister('users', nameOf(place)),
    ),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export async function kubernetesRegistry(port: number): Promise<TestRegistry> {
  const server = await kubernetesServer();
  return {
    discovery: `{ kubernetes: { url: "${server.url}", namespace: prod, service: users, port: http } }`,
    has: async (places) =>
      server.apply({
        name: 'users-1',
        service: 'users',
        ports: [{ name: 'http', port, protocol: 'TCP' }],
        endpoints: places.map(({ host }) => ({ addresses: [host], conditions: { ready: true } })),
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** That of the gateway. */
export function ownRegistry(): TestRegistry {
  return {
    discovery: '{ registry: users }',
    has: differences(
      async (place, gateway) => {
        assert.ok(gateway);
        const body = { url: urlOf(place) };
        const answer = await gateway.admin(`/registry/users/${nameOf(place)}`, 'PUT', body);
        assert.equal(answer.status, 201, answer.body);
      },
      async (place, gateway) => {
        assert.ok(gateway);
        const answer = await gateway.admin(`/registry/users/${nameOf(place)}`, 'DELETE');
        assert.equal(answer.status, 204, answer.body);
      },
    ),
    async [Symbol.asyncDispose]() {},
  };
}

/** What `GET /discovery` says of a service. */
export interface DiscoveryView {
  readonly service: string;
  readonly source: string;
  readonly version: string;
  readonly endpoints: number;
  readonly ageSeconds: number | null;
  readonly from: string;
  readonly problem: string;
  readonly pending: object | null;
  readonly changes: number;
}

export async function discoveryOf(gateway: RunningGateway, service = 'users'): Promise<DiscoveryView> {
  const all: DiscoveryView[] = JSON.parse((await gateway.admin('/discovery')).body);
  const view = all.find((one) => one.service === service);
  assert.ok(view, `/discovery does not have ${service}`);
  return view;
}

/** Asks until the discovery of `users` is as it should be. */
export async function untilDiscovered(
  gateway: RunningGateway,
  isSo: (view: DiscoveryView) => boolean,
): Promise<DiscoveryView> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await delay(LOOK_AGAIN_MS)) {
    const view = await discoveryOf(gateway);
    if (isSo(view)) return view;
    assert.ok(Date.now() < deadline, JSON.stringify(view));
  }
}

export interface EndpointView {
  readonly service: string;
  readonly url: string;
  readonly isDraining: boolean;
  readonly inflight: number;
}

export async function endpointsOf(gateway: RunningGateway, service = 'users'): Promise<EndpointView[]> {
  const all: EndpointView[] = JSON.parse((await gateway.admin('/endpoints')).body);
  return all.filter((one) => one.service === service);
}

/** Asks until the endpoints of `users` are as they should be. */
export async function untilEndpoints(
  gateway: RunningGateway,
  isSo: (endpoints: EndpointView[]) => boolean,
): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await delay(LOOK_AGAIN_MS)) {
    const endpoints = await endpointsOf(gateway);
    if (isSo(endpoints)) return;
    assert.ok(Date.now() < deadline, JSON.stringify(endpoints));
  }
}

/** Whether these are all endpoints. */
export function areAt(places: readonly Place[]): (endpoints: EndpointView[]) => boolean {
  const wanted = places.map(urlOf).sort().join(' ');
  return (endpoints) =>
    endpoints
      .map(({ url }) => url)
      .sort()
      .join(' ') === wanted;
}

/** Lets the load go on until the endpoint gets some of it. */
export async function untilBusy(load: SteadyLoad, endpoint: CountingEndpoint | undefined): Promise<void> {
  assert.ok(endpoint);
  const before = endpoint.count;
  for (const deadline = Date.now() + PATIENCE_MS; endpoint.count < before + FEW; await load.answered(FEW))
    assert.ok(Date.now() < deadline, `${endpoint.host} gets nothing`);
}

/** Lets the load go on until the endpoint gets nothing of it. On a busy machine a thread may hear of a change late. */
export async function untilIdle(load: SteadyLoad, endpoint: CountingEndpoint | undefined): Promise<void> {
  assert.ok(endpoint);
  const { promise: isLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${endpoint.host} gets requests still`)), PATIENCE_MS);
  try {
    for (let before = -1; before !== endpoint.count;) {
      before = endpoint.count;
      await Promise.race([load.answered(MANY), isLate]);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Brings a configuration into use; rejects if it cannot be. */
export async function reload(gateway: RunningGateway, config: string): Promise<void> {
  await writeFile(gateway.configFile, config);
  const answer = await gateway.admin('/reload', 'POST');
  assert.equal(answer.status, 200, answer.body);
}

const MOST_ATTEMPTS = 20;
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 20;
const FEW = 20;
const MANY = 1000;
