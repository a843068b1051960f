/**
 * What our own code costs for a small request, without sockets: processor time of the data thread and bytes that are allocated. What
 * the system and the neighbours do has no part in it, so it shows changes that are too small for `bench/main.ts`.
 *
 *     node bench/path.ts                      # this tree
 *     node bench/path.ts ../main . ../main .  # two trees in turn
 *     node bench/path.ts nothing lines spans all nothing lines spans all  # this tree, by what is told of a request
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

/** What is told of each request, metrics aside, which are always counted. */
const TELLS = ['nothing', 'lines', 'spans', 'all'] as const;
type Tells = (typeof TELLS)[number];

const given = process.argv.slice(2);
for (const wish of given.length === 0 ? ['.'] : given) {
  const tells = TELLS.find((name) => name === wish);
  const rounds = await (tells === undefined
    ? roundsOf(resolve(wish), 'lines')
    : roundsOf(resolve('.'), tells));
  const us = rounds.map((round) => round.us).toSorted((a, b) => a - b);
  const bytes = rounds.map((round) => round.bytes).toSorted((a, b) => a - b);
  const [least = 0] = us;
  console.log(
    `${wish}: at best ${least.toFixed(2)} µs, median ${middle(us).toFixed(2)} µs, ${middle(bytes).toFixed(0)} bytes`,
  );
}
process.exit();

function middle(sorted: readonly number[]): number {
  return sorted[sorted.length >> 1] ?? 0;
}

async function roundsOf(tree: string, tells: Tells): Promise<readonly Round[]> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-path-'));
  const result = join(directory, 'result.json');
  const file = join(directory, 'turnpike.yaml');
  writeFileSync(file, JSON.stringify(await configIn(directory, tells)));
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
async function configIn(directory: string, tells: Tells): Promise<object> {
  const limits = { requestsPerConnection: 1_000_000_000 };
  return {
    listeners: { web: { address: `127.0.0.1:${await freePort()}`, limits } },
    services: { origin: { endpoints: ['http://127.0.0.1:9'], connections: { perEndpoint: 256 } } },
    routes: { all: { match: { path: '/*' }, service: 'origin' } },
    telemetry: telemetry(directory, tells),
    runtime: { threads: 1 },
  };
}

/** Of every tenth request; nobody is there to take the spans, which is the business of the supervisor. */
function telemetry(directory: string, tells: Tells): object {
  const hasLines = tells === 'lines' || tells === 'all';
  const accessLog = hasLines ? { format: 'json', to: join(directory, 'access.log') } : 'off';
  if (tells === 'nothing' || tells === 'lines') return { accessLog };
  return { accessLog, traces: { otlp: 'http://127.0.0.1:9', sample: '10%', maxPerSecond: 100_000 } };
}
