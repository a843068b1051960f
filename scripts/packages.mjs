// Plain JavaScript for Node.js 20: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canRunTurnpike, findOwnNode, howToUpgrade } from '../packages/cli/bin/own-node.js';

/** The checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs the npm packages of the lock file unless they are there already. Ends the process if that fails. */
export function installPackages() {
  const lacking = whatIsStale();
  if (lacking === undefined) return;
  console.error(`${lacking}: running npm ci`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    // Programs read the standard output of these scripts, and npm writes its summary there.
    stdio: ['ignore', 2, 2],
  });
  if (status === 0) return;
  console.error('npm ci failed; what it says above is the reason');
  process.exit(1);
}

/** The Node.js that the project brought, or this one if it is new enough. Ends the process if there is none. */
export function projectNode() {
  const own = findOwnNode(root);
  if (own !== undefined) return own;
  if (canRunTurnpike()) return process.execPath;
  console.error(howToUpgrade());
  return process.exit(1);
}

/** The environment for programs of the project: its own Node.js and tools come first. */
export function projectEnvironment() {
  const bins = join(root, 'node_modules', '.bin');
  return { ...process.env, PATH: `${bins}:${dirname(projectNode())}:${process.env.PATH}` };
}

/**
 * What of the lock file is not installed. npm writes what it has installed to `node_modules` when it is done, so an
 * installation that broke off counts as none. What is optional may be missing: it is for other machines.
 */
function whatIsStale() {
  const wanted = readLock(join(root, 'package-lock.json'));
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'The npm packages are not installed';
  for (const [path, { version, optional }] of Object.entries(wanted ?? {})) {
    const found = installed[path];
    const isMissing = path !== '' && found === undefined && optional !== true;
    if (isMissing || (found !== undefined && found.version !== version)) return `${path} is not up to date`;
  }
  return undefined;
}

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined; // not there, or cut off: then everything is to be installed
  }
}
