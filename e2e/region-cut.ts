import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { type Cut, type Regions, twoRegions } from './regions.ts';
import { endpointProcess, type EndpointProcess } from '@turnpike/testkit/endpoint-process';
import { postgresServer, type PostgresServer } from '@turnpike/testkit/postgres-server';
import { ADMIN_TOKEN, ask, type Fleet, fleetOf, told, until } from './fleet-world.ts';
import type { RunningGateway } from './running-gateway.ts';
import { type SteadyLoad, steadyLoad } from './steady-load.ts';

/** Four gateways in two regions, each with a service beside it, and the database of all in region A. */
export interface World extends AsyncDisposable {
  readonly regions: Regions;
  readonly postgres: PostgresServer;
  readonly fleet: Fleet;
  /** Those of region A, and those of region B. */
  readonly a: readonly RunningGateway[];
  readonly b: readonly RunningGateway[];
  /** Renews the leases of the services once. */
  beat(): Promise<void>;
}

const LEASE_SECONDS = 5;
const BEAT_MS = 1000;
/** Who says nothing for so long is taken for gone. */
const SILENT_MS = 10_000;

/** Opens it; everybody has revision 1, which answers `/shared` with `start`. */
export async function openWorld(): Promise<World> {
  const stack = new AsyncDisposableStack();
  try {
    const regions = twoRegions();
    stack.defer(() => regions.remove());
    const postgres = await postgresServer({ address: regions.address, clients: regions.network });
    stack.defer(() => postgres.close());
    const url = await postgres.createDatabase();
    const services: EndpointProcess[] = [];
    for (const { command } of regions.hosts) {
      const service = await endpointProcess('127.0.0.1', command);
      stack.defer(() => service.kill());
      services.push(service);
    }
    const fleet = stack.use(
      await fleetOf(
        4,
        (number, state) => configFor({ url, state, number, host: regions.hosts[number]?.address ?? '' }),
        (number) => placeOf(regions, number),
      ),
    );
    const beat = async (): Promise<void> => {
      await Promise.all(
        fleet.gateways.map((gateway, number) =>
          told(gateway, `PUT /registry/users/here`, {
            url: services[number]?.url,
            ttlSeconds: LEASE_SECONDS,
          }),
        ),
      );
    };
    await beat();
    const heart = setInterval(() => void beat().catch(() => {}), BEAT_MS); // one of them is being restarted
    stack.defer(() => clearInterval(heart));
    const at = (from: number): readonly RunningGateway[] => fleet.gateways.slice(from, from + 2);
    await told(at(0)[0] as RunningGateway, 'PUT /v1/routes/shared', shared('start'));
    await untilSaid(fleet.gateways, 'start');
    const moved = stack.move();
    return {
      regions,
      postgres,
      fleet,
      get a() {
        return at(0);
      },
      get b() {
        return at(2);
      },
      beat,
      [Symbol.asyncDispose]: () => moved.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

function placeOf({ hosts }: Regions, number: number) {
  const host = hosts[number];
  assert.ok(host !== undefined);
  return { host: host.address, command: host.command };
}

interface Member {
  readonly url: string;
  readonly state: string;
  readonly host: string;
  readonly number: number;
}

function configFor({ url, state, host, number }: Member): string {
  return `
listeners: { web: { address: "${host}:0" } }
admin: { address: "${host}:0", tokens: [{ token: ${ADMIN_TOKEN}, role: admin }] }
stores: { database: { url: "${url}", poll: 1s, timeout: 1s } }
runtime: { threads: 1, stateDirectory: ${state}, drainTimeout: 1s, zone: ${number < 2 ? 'a' : 'b'} }
telemetry: { accessLog: off }
services: { users: { discovery: { registry: users } } }
routes: { users: { match: { path: /users }, service: users } }
`;
}

/** A route of the database that says something. */
export function shared(body: string): object {
  return { match: { path: '/shared' }, respond: { body } };
}

/** What `/shared` says. */
export async function said({ host, port }: RunningGateway): Promise<string> {
  const response = await fetch(`http://${host}:${port}/shared`);
  return response.text();
}

/** Looks until all of them say it; gives how long that took, in milliseconds. */
export function untilSaid(gateways: readonly RunningGateway[], text: string): Promise<number> {
  return until(`${text} is everywhere`, async () =>
    (await Promise.all(gateways.map(said))).every((body) => body === text),
  );
}

/** What `/readyz?verbose` says of the database. */
export async function standing(gateway: RunningGateway) {
  const { status, text } = await ask(gateway, 'GET /readyz?verbose');
  const { control } = JSON.parse(text) as {
    control: {
      database: {
        isReachable: boolean;
        problem: string;
        ageSeconds: number;
        source: string;
        revision: number;
      };
    };
  };
  return { status, ...control.database };
}

/** A load on each of them, on a route of the database and on a service. */
export function loadsOn(gateways: readonly RunningGateway[]): SteadyLoad[] {
  return gateways.flatMap(({ host, port }) =>
    ['/shared', '/users'].map((path) => steadyLoad(port, { host, path, clients: 2, pauseMs: 10 })),
  );
}

/** What went wrong with them. */
export async function failuresOf(loads: readonly SteadyLoad[]): Promise<string[]> {
  const reports = await Promise.all(loads.map((load) => load.stop()));
  for (const { answered } of reports) assert.ok(answered > 0);
  return reports.flatMap(({ failures, refusedConnections }) =>
    refusedConnections === 0 ? failures : [...failures, `${refusedConnections} connections were refused`],
  );
}

/** What came of a cut. */
export interface CutReport {
  readonly how: Cut;
  readonly startMs: number;
  readonly healedMs: number;
  readonly ageSeconds: number;
}

/**
 * Cuts region B off, uses everything meanwhile, and heals it. Asserts that nobody notices but who wants to change something there.
 * `during` is what else happens while it is cut off.
 */
export async function surviveCut(
  world: World,
  how: Cut,
  during: () => Promise<void> = () => Promise.resolve(),
): Promise<CutReport> {
  const { regions, a } = world;
  const [first] = a;
  const [, restarted] = world.b;
  assert.ok(first !== undefined && restarted !== undefined);
  await told(first, 'PUT /v1/routes/shared', shared(`before ${how}`));
  await untilSaid(world.fleet.gateways, `before ${how}`);
  const loads = loadsOn(world.fleet.gateways.slice(0, 3));
  regions.cut(how);
  try {
    await told(first, 'PUT /v1/routes/shared', shared(`after ${how}`));
    await untilSaid(a, `after ${how}`);
    await until('region B knows that it is cut off', async () => !(await standing(restarted)).isReachable);
    await assertRefused(restarted);
    await changeFile(restarted, how);
    // It starts again from what it had.
    await restarted.stop('SIGTERM');
    const beganAt = performance.now();
    const again = await world.fleet.start(3);
    const startMs = performance.now() - beganAt;
    assert.equal(await said(again), `before ${how}`);
    await until('it has age', async () => (await standing(again)).ageSeconds >= 2);
    await during();
    const known = await standing(again);
    assert.deepEqual([known.status, known.isReachable, known.source], [200, false, 'disk']);
    assert.notEqual(known.problem, '');
    await untilSilent(first, 2);
    regions.heal(how);
    const healedMs = await untilSaid(world.b, `after ${how}`);
    await until('it knows that', async () => (await standing(again)).isReachable);
    await untilSilent(first, 0);
    assert.deepEqual(await failuresOf(loads), []);
    return {
      how,
      startMs: Math.round(startMs),
      healedMs: Math.round(healedMs),
      ageSeconds: known.ageSeconds,
    };
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
  }
}

async function assertRefused(gateway: RunningGateway): Promise<void> {
  const { status, text } = await ask(gateway, 'PUT /v1/routes/shared', shared('lost'));
  assert.equal(status, 503, text);
  assert.equal((JSON.parse(text) as { code: string }).code, 'STORE_UNAVAILABLE');
}

/** Files can be changed without the database. */
async function changeFile(gateway: RunningGateway, body: string): Promise<void> {
  const { configFile, host, port } = gateway;
  const before = await readFile(configFile, 'utf8');
  const own = `\n  own: { match: { path: /own }, respond: { body: "${body}" } }`;
  await writeFile(configFile, before.replace('\nroutes: {', `\nroutes: {${own},`));
  await told(gateway, 'POST /reload');
  const response = await fetch(`http://${host}:${port}/own`);
  assert.equal(await response.text(), body);
}

/** Until the others take that many gateways for gone. */
async function untilSilent(gateway: RunningGateway, count: number): Promise<void> {
  await until(`${count} gateways are silent`, async () => {
    const { nodes } = await told<{ nodes: readonly { heartbeatAgeMs: number }[] }>(gateway, 'GET /v1/fleet');
    return nodes.filter(({ heartbeatAgeMs }) => heartbeatAgeMs > SILENT_MS).length === count;
  });
}
