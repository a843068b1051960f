// `npm start`: installs what is missing, then runs the quickstart, or the gateway alone with a configuration of your own.
// Plain JavaScript for Node.js 20.
import { join } from 'node:path';
import { relaunch } from '../packages/cli/bin/relaunch.js';
import { buildDashboard } from './dashboard.mjs';
import { installPackages, projectEnvironment, projectNode, root } from './packages.mjs';

const args = process.argv.slice(2);

installPackages();
buildDashboard();
if (args.length > 0) {
  // From where the user typed the command, so that relative paths mean what they should.
  process.chdir(process.env.INIT_CWD ?? process.cwd());
  run(join(root, 'packages', 'cli', 'bin', 'turnpike.js'), 'start', ...args);
} else {
  run(join(root, 'examples', 'quickstart', 'start.ts'));
}

function run(...command) {
  relaunch(projectNode(), command, projectEnvironment());
}
