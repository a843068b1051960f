// What npm gets, made and installed as somebody would who has no checkout.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './cli-program.ts';
import { blocksBelow } from './shell-blocks.ts';

const run = promisify(execFile);

/** The packages on a machine that has nothing else of Turnpike. */
export interface Installation {
  /** What was packed: a folder for each package. */
  readonly staged: readonly string[];
  /** Where somebody has run `npm install`. */
  readonly directory: string;
  /** The program, for a Node.js of one's choice. */
  readonly executable: string;
  /** Runs a command there; gives its standard output, and rejects when it fails. */
  run(command: string, args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** No questions, and no more of the registry than is needed: in the default run others wait. */
const NPM = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };

/**
 * Builds, packs and installs every package by the commands of docs/install.md, but into a directory of its own. Nothing of the checkout is
 * found from there: the folder is in no other. The dependencies come from the registry, or from what npm has kept of it.
 */
export async function installPackages(): Promise<Installation> {
  const home = await mkdtemp(join(tmpdir(), 'turnpike-packages-'));
  const directory = join(home, 'app');
  await mkdir(directory);
  await writeFile(join(directory, 'package.json'), '{ "private": true, "type": "module" }\n');
  const [make = '', use = ''] = blocksBelow('install.md', 'npm');
  const [install = ''] = use.split('\n');
  const elsewhere = make
    .replace('run build', `run build -- ${home}`)
    .replaceAll(/(?<= )(?:\.\/)?dist\b/g, home);
  const env = { ...process.env, ...NPM, DIST: home };
  await run('bash', ['-ec', elsewhere], { cwd: root, env });
  await run('bash', ['-ec', install], { cwd: directory, env });
  const packages = join(home, 'packages');
  return {
    staged: (await readdir(packages)).map((name) => join(packages, name)),
    directory,
    executable: join(directory, 'node_modules/turnpike/bin/turnpike.js'),
    run: async (command, args) => (await run(command, args, { cwd: directory, env })).stdout,
    remove: () => rm(home, { recursive: true, force: true }),
  };
}
