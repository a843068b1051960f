// `npm run check`: format, rules and types; runs all three and reports all.
import { spawnSync } from 'node:child_process';
import { installPackages, projectEnvironment, root } from './packages.mjs';

/** The dashboard is for browsers: it has other libraries, so it has a check of its own. */
const CHECKS = [
  ['oxfmt', '--check'],
  ['oxlint', '--type-aware'],
  ['tsc'],
  ['tsc', '--project', 'packages/dashboard'],
];

installPackages();
const failed = CHECKS.filter((check) => !passes(check)).map(([tool]) => tool);
console.log(failed.length === 0 ? 'check: all is well' : `check: failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes([tool, ...args]) {
  console.log(`> ${[tool, ...args].join(' ')}`);
  const { status } = spawnSync(tool, args, { cwd: root, stdio: 'inherit', env: projectEnvironment() });
  return status === 0;
}
