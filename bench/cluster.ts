/** Balancing among unequal endpoints, in one run with nginx and HAProxy: `node bench/cluster.ts --help`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { folderFor, GATEWAYS, type Balancing } from './cluster/gateways.ts';
import { openLoad, type LoadResult } from './cluster/open-load.ts';
import { capacityOf, SCENARIOS, type Scenario } from './cluster/scenarios.ts';
import { describeMachine } from './machine.ts';
import { converse } from './processes.ts';

const HELP = `node bench/cluster.ts [scenario…] [options]

  --seconds N     of load for each gateway and round (default 20)
  --rounds N      (default 2)
  --gateways A,B  only those whose names contain one of these
  --turnpike FILE the turnpike.js to measure

Scenarios:
${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(10)}${about}`).join('\n')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '2' },
    gateways: { type: 'string', default: '' },
    turnpike: {
      type: 'string',
      default: fileURLToPath(new URL('../packages/cli/bin/turnpike.js', import.meta.url)),
    },
  },
});

if (values.help) console.log(HELP);
else await main();
process.exit();

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-cluster-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  // Leaving ends what was started.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => process.exit(130));
  console.log(describeMachine().join('\n'));
  const wanted = SCENARIOS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  for (const scenario of wanted) await run(scenario, directory);
}

async function run(scenario: Scenario, directory: string): Promise<void> {
  const cluster = await startCluster(scenario, directory);
  const results = new Map<Balancing, LoadResult[]>();
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const gateway of chosen()) {
      const setting = {
        directory: folderFor(directory, gateway.name),
        endpoints: cluster.ports,
        turnpike: values.turnpike,
      };
      const running = await gateway.start(setting);
      await cluster.begin(round);
      const result = await openLoad({
        port: running.port,
        requestsPerSecond: scenario.load * capacityOf(scenario.cluster),
        seconds: Number(values.seconds),
        warmUpSeconds: 3,
        seed: round,
      });
      await running.stop();
      results.set(gateway, [...(results.get(gateway) ?? []), result]);
    }
  }
  cluster.stop();
  report(scenario, results);
}

function chosen(): readonly Balancing[] {
  const names = values.gateways.split(',').filter((name) => name !== '');
  return GATEWAYS.filter(({ name }) => names.length === 0 || names.some((one) => name.includes(one)));
}

async function startCluster({ cluster }: Scenario, directory: string) {
  const program = fileURLToPath(new URL('programs/cluster-origin.ts', import.meta.url));
  const child = converse([process.execPath, program, JSON.stringify(cluster)], { directory, core: null });
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? 'null');
  const ports = (await next()) as number[];
  return {
    ports,
    begin: async (seed: number) => {
      child.stdin?.write(`${seed}\n`);
      await next();
    },
    stop: () => child.kill(),
  };
}

function report(
  { name, about, load, cluster }: Scenario,
  results: ReadonlyMap<Balancing, LoadResult[]>,
): void {
  const rate = Math.round(load * capacityOf(cluster));
  console.log(`\n${name}: ${about}; ${rate} requests/s, ${load} of what the cluster can do`);
  const rows = Array.from(results, ([gateway, parts]) => ({ gateway, ...summary(parts) }));
  const best = Math.min(...rows.filter(({ gateway }) => !gateway.isOurs).map(({ p99 }) => p99));
  console.log('gateway              requests  errors %     p50     p90     p99   p99.9  p99 ÷ best other');
  for (const { gateway, requests, errorShare, p50, p90, p99, p999 } of rows) {
    const cells = [p50, p90, p99, p999].map((ms) => ms.toFixed(1).padStart(8)).join('');
    const share = (errorShare * 100).toFixed(2).padStart(10);
    const ratio = gateway.isOurs && Number.isFinite(best) ? (p99 / best).toFixed(2) : '';
    console.log(
      `${gateway.name.padEnd(20)}${String(requests).padStart(9)}${share}${cells}${ratio.padStart(18)}`,
    );
  }
}

function summary(parts: readonly LoadResult[]) {
  const sorted = Float64Array.from(parts.flatMap(({ latenciesMs }) => latenciesMs)).sort();
  const errors = parts.reduce((sum, part) => sum + part.errors, 0);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  const requests = sorted.length + errors;
  return {
    requests,
    errorShare: errors / requests,
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
  };
}
