/** Runs one scenario: starts the gateways, measures them in turn, and ends them. */
import { mkdirSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateFiles } from './certificate.ts';
import type { Callers } from './callers.ts';
import { mustAuthenticate, mustForward, mustKeep, mustRelay } from './fairness.ts';
import type { Cores } from './machine.ts';
import type { Origins } from './origin.ts';
import type { Peer, Running } from './peers/peer.ts';
import type { Bench, Entrant, Scenario } from './scenario.ts';
import { summarise, type Row } from './summary.ts';

/** What all scenarios of a run share. */
export interface Setting extends Bench {
  readonly cores: Cores;
  readonly directory: string;
  readonly origins: Origins;
  readonly turnpike: string;
  readonly callers: Callers;
  readonly certificate: CertificateFiles;
}

/** What a scenario has brought. Errors name the gateway. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly rows: readonly Row[];
  readonly errors: readonly string[];
}

/** A line of the report with the gateway that it is about. */
interface Contender {
  readonly entrant: Entrant;
  readonly row: Row;
  running: Running | null;
}

/** Measures the peers in turn, round by round, so that whatever else the machine does hits all of them. */
export async function runScenario(
  scenario: Scenario,
  peers: readonly Peer[],
  setting: Setting,
): Promise<Outcome> {
  const errors: string[] = [];
  const contenders = scenario.entrants(peers).map(contender);

  /** A gateway that fails is out of this scenario; the others go on. */
  const attempt = async (who: Contender, step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      errors.push(`${who.row.name}: ${(error as Error).message}`);
      await stop(who);
    }
  };

  if (scenario.lifetime === 'scenario') {
    await Promise.all(contenders.map((who) => attempt(who, () => start(who, scenario, setting))));
    for (const who of contenders) await attempt(who, () => warmUp(who, scenario, setting));
  }
  const rounds =
    scenario.lifetime === 'round' ? Math.min(mostFreshRounds, setting.effort.rounds) : setting.effort.rounds;
  for (let round = 0; round < rounds; round += 1) {
    for (const who of contenders) {
      await attempt(who, async () => {
        if (scenario.lifetime === 'round') {
          await start(who, scenario, setting);
          await warmUp(who, scenario, setting);
        }
        if (who.running === null) return;
        const sample = await scenario.measure(who.running, setting, who.entrant);
        who.row.samples.push({ ...sample.values });
        errors.push(...sample.errors.map((text) => `${who.row.name}, round ${round + 1}: ${text}`));
        if (scenario.lifetime === 'round') await stop(who);
      });
    }
    forgetLogs(setting.directory);
  }
  await Promise.all(contenders.map(stop));
  const rows = contenders.map(({ row }) => row);
  compareWithDirect(rows);
  return { scenario, rows, errors };
}

function contender(entrant: Entrant): Contender {
  return { entrant, row: { name: entrant.name, kind: entrant.peer.kind, samples: [] }, running: null };
}

/** Fresh gateways take time to start, and what they are started for, memory, hardly varies. */
const mostFreshRounds = 2;

let started = 0;

async function start(who: Contender, scenario: Scenario, setting: Setting): Promise<void> {
  const { peer, threads, routes, guard, transport, transcodes, keeps, tells } = who.entrant;
  started += 1;
  const directory = join(setting.directory, `${started}-${peer.name}`);
  mkdirSync(directory);
  const originPort = setting.origins[scenario.origin];
  const { turnpike, callers, certificate } = setting;
  who.running = await peer.start({
    directory,
    core: setting.cores.gateway,
    originPort,
    protocol: scenario.origin === 'grpc' ? 'grpc' : 'http/1.1',
    transcodes,
    threads,
    routes,
    turnpike,
    guard,
    keeps,
    tells,
    collectorPort: setting.origins.upload,
    tls: transport === 'tls' ? certificate : null,
    callers,
  });
  // The questions below are of HTTP/1.1.
  if (scenario.origin === 'grpc') return;
  const { port } = who.running;
  const token = callers.tokens[0] ?? '';
  if (guard !== 'open') await mustAuthenticate(port, callers);
  if (peer.kind !== 'none') await mustForward(port, token);
  if (keeps === 'responses') await mustKeep(port, token);
  if (routes === 1 && scenario.lifetime === 'scenario') await mustRelay(port, token);
}

async function warmUp(who: Contender, scenario: Scenario, setting: Setting): Promise<void> {
  if (who.running !== null) await scenario.warmUp(who.running, setting, who.entrant);
}

async function stop(who: Contender): Promise<void> {
  await who.running?.stop();
  who.running = null;
}

/** Access logs grow by megabytes a second; nobody needs those of the last round. */
function forgetLogs(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('access.log')) truncateSync(join(directory, name));
  }
}

/** Where the origin itself was measured too: what each gateway adds to its median. */
function compareWithDirect(rows: readonly Row[]): void {
  const base = rows.find(({ kind }) => kind === 'none');
  if (base === undefined) return;
  for (const sample of rows.filter(({ kind }) => kind !== 'none').flatMap(({ samples }) => samples)) {
    sample['addedP50Ms'] = (sample['p50Ms'] ?? NaN) - (summarise(base, 'p50Ms')?.median ?? NaN);
    sample['addedP99Ms'] = (sample['p99Ms'] ?? NaN) - (summarise(base, 'p99Ms')?.median ?? NaN);
  }
}
