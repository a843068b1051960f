// What npm gets, made and installed as somebody would who has no checkout.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './cli-program.ts';

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

/**
 * Builds, packs and installs every package. Nothing of the checkout is found from there: the folder is in no other. The dependencies come
 * from the registry, or from what npm has kept of it.
 */
export async function installPackages(): Promise<Installation> {
  const home = await mkdtemp(join(tmpdir(), 'turnpike-packages-'));
  const [tarballs, directory] = [join(home, 'tarballs'), join(home, 'app')];
  await mkdir(tarballs);
  await mkdir(directory);
  await run(process.execPath, [join(root, 'scripts/build.ts'), home]);
  const staged = (await readdir(join(home, 'packages'))).map((name) => join(home, 'packages', name));
  await run('npm', ['pack', '--silent', '--pack-destination', tarballs, ...staged], { cwd: home });
  await writeFile(join(directory, 'package.json'), '{ "private": true, "type": "module" }\n');
  const packed = (await readdir(tarballs)).map((name) => join(tarballs, name));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packed], { cwd: directory });
  return {
    staged,
    directory,
    executable: join(directory, 'node_modules/turnpike/bin/turnpike.js'),
    run: async (command, args) => (await run(command, args, { cwd: directory })).stdout,
    remove: () => rm(home, { recursive: true, force: true }),
  };
}
