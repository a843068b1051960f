import { dirname, isAbsolute, join } from 'node:path';
import type { GatewayConfig, Issue } from '@turnpike/config';
import { readCases, type ReadCases, type TestFile } from '@turnpike/config/cases';
import { loadConfig, type LoadedFiles } from '@turnpike/config/load';
import { pluginTrial } from '../gateway.ts';
import { openOffline, type OfflineGateway } from '@turnpike/gateway/offline';
import { chooseConfig } from '../config-files.ts';
import { hasErrors } from '../output/issues.ts';
import { routeIssues } from '../route-issues.ts';
import { nameIssues } from './check-names.ts';
import { PlayedWorld } from './played-world.ts';
import { requestMaker } from './request-of.ts';
import type { Stage } from './run-case.ts';

/** A file of tests with the configuration that it is about. */
export interface Suite {
  readonly read: ReadCases;
  readonly tests: TestFile;
  readonly config: GatewayConfig;
  readonly loaded: LoadedFiles;
}

/** A suite, or why there is none. */
export type OpenedSuite =
  | { readonly kind: 'suite'; readonly suite: Suite; readonly files: readonly string[] }
  | { readonly kind: 'broken'; readonly issues: readonly Issue[]; readonly files: readonly string[] };

/** Reads a file of tests and the configuration that it names, or the one of the command line. */
export async function openSuite(file: string, configPaths: readonly string[]): Promise<OpenedSuite> {
  const read = await readCases(file);
  if (read.tests === null) return { kind: 'broken', issues: read.issues, files: [file] };
  const { tests } = read;
  const paths = configPaths.length > 0 ? configPaths : pathsOf(file, tests);
  const loaded = await loadConfig(paths, {
    env: { ...process.env, ...Object.fromEntries(tests.env) },
    tryPlugins: pluginTrial(),
  });
  const { config } = loaded;
  const files = [file, ...loaded.files];
  const issues = [...loaded.issues, ...(config === null ? [] : routeIssues(config))];
  if (config === null || hasErrors(issues)) return { kind: 'broken', issues: issues.filter(isError), files };
  const unknown = nameIssues(read, tests, config);
  if (unknown.length > 0) return { kind: 'broken', issues: unknown, files };
  return { kind: 'suite', suite: { read, tests, config, loaded }, files };
}

function isError({ severity }: Issue): boolean {
  return severity === 'error';
}

/** Relative to the file that names them; without a name, what `check` would take in that directory. */
function pathsOf(file: string, { config }: TestFile): readonly string[] {
  const directory = dirname(file);
  if (config === null) return chooseConfig([], directory);
  return [config].flat().map((path) => (isAbsolute(path) ? path : join(directory, path)));
}

/** Opens the gateway of a configuration for the cases of a suite. It is to be closed. */
export async function openStage({ read, tests }: Suite, config: GatewayConfig): Promise<Stage> {
  const world = new PlayedWorld();
  const gateway: OfflineGateway = await openOffline(config, {
    world,
    startMs: tests.now,
    seed: tests.seed,
    lists: tests.lists,
  });
  return { tests, gateway, world, requests: requestMaker(read.file, tests, config) };
}
