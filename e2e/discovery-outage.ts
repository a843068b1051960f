import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  areAt,
  countingEndpoints,
  discoveryOf,
  reload,
  untilBusy,
  untilDiscovered,
  untilEndpoints,
  untilIdle,
  type CountingEndpoint,
  type MortalRegistry,
} from './discovery-world.ts';
import { runGateway, type RunningGateway } from './running-gateway.ts';
import { steadyLoad, type SteadyLoad } from './steady-load.ts';

/** How long a registry is gone, and what happens meanwhile. */
export interface OutagePlan {
  readonly outageMs: number;
  /** Between two reloads. */
  readonly reloadEveryMs: number;
  readonly clients: number;
  readonly pauseMs: number;
}

/** What became of it. */
export interface OutageReport {
  /** Requests while the registry was gone. */
  readonly answered: number;
  readonly failures: readonly string[];
  readonly reloads: number;
  readonly slowestReloadMs: number;
  /** How old what was known was at the end. */
  readonly ageSeconds: number | null;
  /** Of the whole gateway, just after the start and at the end. */
  readonly residentMib: readonly [number, number];
  readonly logLines: number;
}

/**
 * A registry dies under load, and comes back with other endpoints. Meanwhile the gateway is reloaded again and again, and at the
 * end it is restarted. Asserts everything but the failures of the load, which it reports.
 */
export async function surviveOutage(
  openRegistry: (port: number) => Promise<MortalRegistry>,
  plan: OutagePlan,
): Promise<OutageReport> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'turnpike-state-'));
  const endpoints = await countingEndpoints(3);
  try {
    const [first, second, third] = endpoints;
    assert.ok(first && second && third);
    await using registry = await openRegistry(first.port);
    await registry.has([first, second]);
    const world = { registry, plan, before: [first, second] as const, stateDirectory };
    const report = await duringOutage(world);
    const failures = await afterRestart(world, third);
    return { ...report, failures: [...report.failures, ...failures] };
  } finally {
    for (const endpoint of endpoints) await endpoint[Symbol.asyncDispose]();
    await rm(stateDirectory, { recursive: true });
  }
}

interface World {
  readonly registry: MortalRegistry;
  readonly plan: OutagePlan;
  readonly before: readonly [CountingEndpoint, CountingEndpoint];
  readonly stateDirectory: string;
}

async function duringOutage(world: World): Promise<OutageReport> {
  const { registry, plan, before } = world;
  await using gateway = await runGateway(configOf(world, 0));
  await untilEndpoints(gateway, areAt(before));
  const residentMib = await residentMibOf(gateway);
  await using load = steadyLoad(gateway.port, plan);
  await untilBusy(load, before[0]);
  await registry.kill();
  await untilDiscovered(gateway, ({ problem }) => problem !== '');
  const reloads = await reloadAgainAndAgain(gateway, world);
  for (const endpoint of before) await untilBusy(load, endpoint);
  const { ageSeconds, endpoints, problem } = await discoveryOf(gateway);
  assert.equal(endpoints, 2);
  assert.notEqual(problem, '');
  const { answered, failures } = await load.stop();
  const atTheEnd = await residentMibOf(gateway);
  const logLines = gateway.log.length;
  assert.equal(await gateway.stop('SIGTERM'), 0);
  return { answered, failures, ...reloads, ageSeconds, residentMib: [residentMib, atTheEnd], logLines };
}

async function reloadAgainAndAgain(
  gateway: RunningGateway,
  world: World,
): Promise<Pick<OutageReport, 'reloads' | 'slowestReloadMs'>> {
  const { outageMs, reloadEveryMs } = world.plan;
  const endsAtMs = performance.now() + outageMs;
  let slowestReloadMs = 0;
  for (let reloads = 1; ; reloads++) {
    const startedAtMs = performance.now();
    await reload(gateway, configOf(world, reloads));
    slowestReloadMs = Math.max(slowestReloadMs, Math.round(performance.now() - startedAtMs));
    const marker = await fetch(`http://127.0.0.1:${gateway.port}/marker`, {
      headers: { connection: 'close' },
    });
    assert.equal(await marker.text(), String(reloads));
    const leftMs = endsAtMs - performance.now();
    if (leftMs <= 0) return { reloads, slowestReloadMs };
    await delay(Math.min(reloadEveryMs, leftMs));
  }
}

/** Gives the failures of the load. */
async function afterRestart(world: World, third: CountingEndpoint): Promise<readonly string[]> {
  const { registry, plan, before } = world;
  const [first, second] = before;
  await using gateway = await runGateway(configOf(world, 0));
  assert.equal((await discoveryOf(gateway)).from, 'disk');
  await using load: SteadyLoad = steadyLoad(gateway.port, plan);
  for (const endpoint of before) await untilBusy(load, endpoint);
  await registry.comeBack([second, third]);
  await untilBusy(load, third);
  await untilEndpoints(gateway, areAt([second, third]));
  await untilIdle(load, first);
  await untilDiscovered(gateway, ({ from, problem }) => from === 'source' && problem === '');
  return (await load.stop()).failures;
}

function configOf({ registry, stateDirectory }: World, marker: number): string {
  return `
listeners: { web: { address: 127.0.0.1:0 } }
services: { users: { discovery: ${registry.discovery} } }
routes:
  all: { match: { path: /* }, service: users }
  marker: { match: { path: /marker }, respond: { body: "${marker}" } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2, stateDirectory: ${stateDirectory}, drainTimeout: 4s }
`;
}

async function residentMibOf({ process: { pid } }: RunningGateway): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}
