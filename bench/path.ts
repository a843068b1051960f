/**
 * What our own code costs for a small request, without sockets: processor time of the data thread and bytes that are allocated. What
 * the system and the neighbours do has no part in it, so it shows changes that are too small for `bench/main.ts`.
 *
 *     node bench/path.ts                      # this tree
 *     node bench/path.ts ../main . ../main .  # two trees in turn
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, launch } from './processes.ts';

const HOOK = fileURLToPath(new URL('programs/path-hook.ts', import.meta.url));
const PATIENCE_MS = 120_000;

/** One round. */
interface Round {
  readonly us: number;
  readonly bytes: number;
}

const given = process.argv.slice(2);
for (const tree of given.length === 0 ? ['.'] : given) {
  const rounds = await roundsOf(resolve(tree));
  const us = rounds.map((round) => round.us).toSorted((a, b) => a - b);
  const bytes = rounds.map((round) => round.bytes).toSorted((a, b) => a - b);
  const [least = 0] = us;
  console.log(
    `${tree}: at best ${least.toFixed(2)} µs, median ${middle(us).toFixed(2)} µs, ${middle(bytes).toFixed(0)} bytes`,
  );
}
process.exit();

function middle(sorted: readonly number[]): number {
  return sorted[sorted.length >> 1] ?? 0;
}

async function roundsOf(tree: string): Promise<readonly Round[]> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-path-'));
  const result = join(directory, 'result.json');
  const file = join(directory, 'turnpike.yaml');
  writeFileSync(file, JSON.stringify(await configIn(directory)));
  process.env['PATH_RESULT'] = result;
  const program = join(tree, 'packages/cli/bin/turnpike.js');
  const gateway = launch([process.execPath, '--import', HOOK, program, 'start', file], {
    directory,
    core: null,
  });
  try {
    const endMs = performance.now() + PATIENCE_MS;
    while (!existsSync(result)) {
      if (performance.now() > endMs || gateway.child.exitCode !== null) throw new Error(gateway.tail());
      await sleep(200);
    }
    await sleep(200);
    return JSON.parse(readFileSync(result, 'utf8'));
  } finally {
    await gateway.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** As in `bench/peers/turnpike.ts`. No port is opened. */
async function configIn(directory: string): Promise<object> {
  const limits = { requestsPerConnection: 1_000_000_000 };
  return {
    listeners: { web: { address: `127.0.0.1:${await freePort()}`, limits } },
    services: { origin: { endpoints: ['http://127.0.0.1:9'], connections: { perEndpoint: 256 } } },
    routes: { all: { match: { path: '/*' }, service: 'origin' } },
    telemetry: { accessLog: { format: 'json', to: join(directory, 'access.log') } },
    runtime: { threads: 1 },
  };
}
