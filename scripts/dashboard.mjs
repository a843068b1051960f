// Builds the dashboard where its files are newer than what was built of them, or nothing was. Plain JavaScript for Node.js 20.
import { spawnSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectEnvironment, projectNode, root } from './packages.mjs';

const folder = join(root, 'packages', 'dashboard');
const dist = join(folder, 'dist');
const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package.json'];

/** Takes two seconds. A gateway works without, so a build that fails is told and stops nobody. */
export function buildDashboard() {
  if (newestIn(SOURCES.map((name) => join(folder, name))) <= timeOf(join(dist, 'index.html'))) return;
  console.error('The dashboard is not built yet: building it');
  const fresh = join(folder, `dist.${process.pid}`);
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const { status } = spawnSync(
    projectNode(),
    [vite, 'build', folder, '--outDir', fresh, '--logLevel', 'warn'],
    {
      env: projectEnvironment(),
      // Programs read the standard output of these scripts.
      stdio: ['ignore', 2, 2],
    },
  );
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    console.error('The dashboard could not be built; the gateway works without');
    return;
  }
  // In one step, because a gateway may be looking.
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
}

function newestIn(paths) {
  return Math.max(...paths.map((path) => Math.max(timeOf(path), ...inside(path).map(timeOf))));
}

function inside(path) {
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name));
  } catch {
    return []; // a file
  }
}

/** When it was changed last; 0: it is not there. */
function timeOf(path) {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
