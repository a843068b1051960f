// Plain JavaScript for Node.js 20: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs the Debian packages that tests need, where that is allowed: as root, or with sudo that asks for no password.
 *
 * They are listed in `system-packages.json` under `test`, each as `{ "package": …, "command": … }` with a command that the
 * package brings. Gives the names of the packages that are still missing.
 */
export function installSystemPackages() {
  const list = JSON.parse(readFileSync(new URL('system-packages.json', import.meta.url), 'utf8')).test;
  const missing = list.filter(({ command }) => !isInstalled(command));
  if (missing.length === 0) return [];
  const names = missing.map((entry) => entry.package);
  const prefix = rootPrefix();
  if (!isInstalled('apt-get') || prefix === undefined) return names;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args) =>
    spawnSync([...prefix, ...args][0], [...prefix, ...args].slice(1), {
      stdio: ['ignore', 2, 2],
      env: environment,
    });
  console.error(`Installing Debian packages: ${names.join(', ')}`);
  run('apt-get', 'update');
  run('apt-get', 'install', '--yes', '--no-install-recommends', ...names);
  return missing.filter(({ command }) => !isInstalled(command)).map((entry) => entry.package);
}

/** What goes before a command so that root runs it; `undefined` if that is not to be had. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '--non-interactive'];
  return spawnSync(sudo[0], [sudo[1], 'true'], { stdio: 'ignore' }).status === 0 ? sudo : undefined;
}

function isInstalled(command) {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin'];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false; // not there, or not for us: the next one may be
    }
  });
}
