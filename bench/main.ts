/** The benchmark: reads the arguments, and runs the scenarios in order. `bench/README.md` says what it measures. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCallers } from './callers.ts';
import { makeCertificate } from './certificate.ts';
import { chooseCores, describeMachine, disturbance, missingCommand } from './machine.ts';
import { help, pick, readOptions, type Options } from './options.ts';
import { startOrigins } from './origin.ts';
import { fastify } from './peers/fastify.ts';
import { haproxy } from './peers/haproxy.ts';
import { nginx } from './peers/nginx.ts';
import type { Peer } from './peers/peer.ts';
import { turnpike } from './peers/turnpike.ts';
import { undici } from './peers/undici.ts';
import { alarm, asJson, table } from './report.ts';
import { runScenario, type Outcome, type Setting } from './run.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

const ownTurnpike = fileURLToPath(new URL('../packages/cli/bin/turnpike.js', import.meta.url));

/** A plan that can be carried out. */
interface Plan {
  readonly options: Options;
  readonly scenarios: readonly Scenario[];
  readonly peers: readonly Peer[];
  readonly turnpike: string;
}

const planned = plan(process.argv.slice(2));
process.exitCode = typeof planned === 'number' ? planned : await carryOut(planned);
// The origins still run; leaving ends them.
process.exit();

/** Reads the command line; gives an exit code when there is nothing to run. */
function plan(args: readonly string[]): Plan | number {
  try {
    const options = readOptions(args);
    if (options.wantsHelp) {
      console.log(help);
      return 0;
    }
    const program = resolve(options.turnpike ?? ownTurnpike);
    const other = options.against === null ? [] : [turnpike(resolve(options.against), 'against')];
    const own = [turnpike(program), ...other];
    const peers = pick([...own, nginx, haproxy, fastify, undici], options.peers);
    return { options, peers, scenarios: pick(scenarios, options.scenarios), turnpike: program };
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n\n${help}`);
    return 2;
  }
}

async function carryOut(work: Plan): Promise<number> {
  try {
    return await main(work);
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    return 1;
  }
}

/** Gives the exit code. */
async function main({ options, scenarios, peers, turnpike }: Plan): Promise<number> {
  const beganMs = performance.now();
  const cores = chooseCores(options.cores);
  const about = { machine: describeMachine(), cores, options, at: new Date().toISOString() };
  const missing = peers.flatMap((peer) => peer.missing() ?? []);
  const noWrk = missingCommand('wrk', 'wrk');
  const noH2load = missingCommand('h2load', 'nghttp2-client');
  console.log(
    [
      ...about.machine,
      `gateway on core ${cores.gateway ?? 'any'}, load and origin on core ${cores.load ?? 'any'}`,
    ].join('\n'),
  );
  for (const note of [cores.note, await disturbance(cores), noWrk, ...missing])
    if (note !== null) console.log(`note: ${note}`);
  if (noH2load !== null && scenarios.some(({ name }) => name === 'http2')) throw new Error(noH2load);
  if (noWrk !== null) throw new Error('nothing can be measured without wrk');

  const directory = temporaryDirectory();
  const load = { directory: join(directory, 'load'), core: cores.load };
  mkdirSync(load.directory);
  const origins = await startOrigins(load);
  const callers = makeCallers(load.directory);
  const certificate = makeCertificate(load.directory);
  const setting: Setting = {
    cores,
    directory,
    origins,
    turnpike,
    callers,
    certificate,
    load,
    effort: options,
  };
  const present = peers.filter((peer) => peer.missing() === null);

  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    const outcome = await runScenario(scenario, present, setting);
    outcomes.push(outcome);
    console.log(table(outcome) + alarm(scenario.name, outcome.errors));
    if (options.json !== null) writeFileSync(options.json, asJson(outcomes, { ...about, missing }));
  }
  const failures = outcomes.filter(({ errors }) => errors.length > 0).map(({ scenario }) => scenario.name);
  console.log(
    `\n${Math.round((performance.now() - beganMs) / 1000)} s; medians of ${options.rounds} rounds (idle and rest: of two at most)`,
  );
  if (failures.length > 0) console.log(`!!! FAILED: ${failures.join(', ')}`);
  return failures.length > 0 ? 1 : 0;
}

/** Everything is written here. It is removed on the way out, whichever way that is. */
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => process.exit(130));
  return directory;
}
