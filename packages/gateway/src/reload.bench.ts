// How long a reload takes in which one of many routes has changed: `node packages/gateway/src/reload.bench.ts [ROUTES]`.
// What a running gateway says is in its log entry "configuration applied" (loadMs, compileMs, applyMs).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diffConfig, type GatewayConfig } from '@turnpike/config';
import { createLoader } from '@turnpike/config/load';
import { compileSnapshot } from './snapshot.ts';

const COUNT = Number(process.argv[2] ?? 10_000);
const ROUNDS = 40;
/** The first are slower, because nothing is compiled yet; after a few changes a gateway is warm for its life. */
const WARM_UP = 8;

const directory = await mkdtemp(join(tmpdir(), 'turnpike-reload-'));
const file = join(directory, 'gateway.yaml');
const load = createLoader();
const slots = { assign: (keys: readonly string[]) => new Map(keys.map((key, index) => [key, index])) };
const times = { load: [] as number[], compile: [] as number[], diff: [] as number[] };
let before: GatewayConfig | null = null;

try {
  for (let round = 0; round < ROUNDS; round++) await reload(round);
} finally {
  await rm(directory, { recursive: true });
}
for (const [step, all] of Object.entries(times)) {
  const [first = 0] = all;
  const warm = all.slice(WARM_UP).toSorted((a, b) => a - b);
  const [least = 0, median = 0] = [warm[0], warm[warm.length >> 1]];
  console.log(
    `${step.padEnd(8)} first ${first.toFixed(0)} ms, then least ${least.toFixed(0)}, median ${median.toFixed(0)}`,
  );
}

async function reload(round: number): Promise<void> {
  await writeFile(file, configText(round));
  const startedAtMs = performance.now();
  const { config, issues } = await load([file]);
  if (config === null) throw new Error(issues[0]?.message);
  const loadedAtMs = performance.now();
  compileSnapshot(config, { endpoints: slots, services: slots } as never, { revision: round, nowMs: 0 });
  const compiledAtMs = performance.now();
  if (before !== null) diffConfig(before, config);
  before = config;
  times.load.push(loadedAtMs - startedAtMs);
  times.compile.push(compiledAtMs - loadedAtMs);
  times.diff.push(performance.now() - compiledAtMs);
}

function configText(round: number): string {
  const routes = Array.from({ length: COUNT }, (_, index) => {
    const version = index === COUNT / 2 ? `-v${round}` : '';
    return `  route-${index}:
    match:
      path: /api/v1/things-${index}${version}/{id}
      methods: [GET, POST]
    service: users
    policies:
      timeout: 5s
`;
  });
  return `services:\n  users:\n    endpoints: [http://127.0.0.1:9001]\nroutes:\n${routes.join('')}`;
}
