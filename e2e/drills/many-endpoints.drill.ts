import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it, type TestContext } from 'node:test';
import { endpointProcess, type EndpointProcess } from '@turnpike/testkit/endpoint-process';
import {
  discoveryOf,
  endpointsOf,
  etcdRegistry,
  fileRegistry,
  reload,
  untilDiscovered,
  type Place,
  type TestRegistry,
} from '../discovery-world.ts';
import { runGateway, type RunningGateway } from '../running-gateway.ts';
import { steadyLoad } from '../steady-load.ts';

const ENDPOINTS = 10_000;
const CHANGES = 20;
const LOAD = { clients: 8, pauseMs: 2 };

/** What ten thousand endpoints cost, beside two. */
describe('ten thousand endpoints of one service', { timeout: 600_000 }, () => {
  let endpoint: EndpointProcess;
  let places: readonly Place[];

  before(async () => {
    // All of 127.0.0.0/8 is this machine: one process is all of them.
    endpoint = await endpointProcess('0.0.0.0');
    places = Array.from({ length: ENDPOINTS + CHANGES }, (_, i) => ({
      host: `127.1.${i >> 8}.${i & 255}`,
      port: endpoint.port,
    }));
  });
  after(() => endpoint.kill());

  for (const [kind, subset, openRegistry] of [
    ['file', 'auto', fileRegistry],
    ['etcd', 'auto', etcdRegistry],
    ['file', 'off', fileRegistry],
  ] as const) {
    it(`from ${kind}, subset ${subset}`, async (test) => {
      await using registry = await openRegistry();
      await registry.has(places.slice(0, 2));
      const few = await costOfFew(configOf(registry, subset));
      await registry.has(places.slice(0, ENDPOINTS));
      await using gateway = await runGateway(configOf(registry, subset));
      await untilDiscovered(gateway, ({ endpoints }) => endpoints === ENDPOINTS);
      const used = (await endpointsOf(gateway)).length;
      assert.equal(used, subset === 'auto' ? 500 : ENDPOINTS);
      await serve(gateway);
      const many = await residentMib(gateway);
      const change = await costOfChange(gateway, registry, places);
      await withLoad(gateway, registry, places);
      await reload(gateway, `${configOf(registry, subset)}\n`);
      tell(test, { kind, subset, used, residentMib: { with2: few, with10000: many }, ...change });
    });
  }
});

async function costOfFew(config: string): Promise<number> {
  await using gateway = await runGateway(config);
  await serve(gateway);
  // Before the gateway is disposed of.
  return await residentMib(gateway);
}

async function serve(gateway: RunningGateway): Promise<void> {
  await using load = steadyLoad(gateway.port, LOAD);
  await load.answered(2000);
  assert.deepEqual((await load.stop()).failures, []);
}

/** One endpoint goes and one comes, again and again, with nothing else to do. */
async function costOfChange(
  gateway: RunningGateway,
  registry: TestRegistry,
  places: readonly Place[],
): Promise<object> {
  const cpuBefore = await cpuMs(gateway);
  let slowestMs = 0;
  for (let change = 1; change <= CHANGES; change++) {
    const { changes } = await discoveryOf(gateway);
    const startedAtMs = performance.now();
    await registry.has(places.slice(change, change + ENDPOINTS));
    await untilDiscovered(gateway, (now) => now.changes > changes && now.endpoints === ENDPOINTS);
    slowestMs = Math.max(slowestMs, performance.now() - startedAtMs);
  }
  const cpu = (await cpuMs(gateway)) - cpuBefore;
  return { cpuMsPerChange: Math.round(cpu / CHANGES), slowestChangeMs: Math.round(slowestMs) };
}

async function withLoad(
  gateway: RunningGateway,
  registry: TestRegistry,
  places: readonly Place[],
): Promise<void> {
  await using load = steadyLoad(gateway.port, LOAD);
  for (let change = CHANGES; change >= 0; change--) {
    await registry.has(places.slice(change, change + ENDPOINTS));
    await load.answered(200);
  }
  assert.deepEqual((await load.stop()).failures, []);
}

async function residentMib({ process: { pid } }: RunningGateway): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
}

/** Of all its threads so far. */
async function cpuMs({ process: { pid } }: RunningGateway): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function tell(test: TestContext, figures: object): void {
  test.diagnostic(JSON.stringify(figures));
}

function configOf({ discovery }: TestRegistry, subset: string): string {
  return `
listeners: { web: { address: 127.0.0.1:0 } }
services: { users: { discovery: ${discovery}, subset: ${subset} } }
routes: { all: { match: { path: /* }, service: users } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2 }
`;
}
