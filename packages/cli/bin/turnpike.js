#!/usr/bin/env node
// Starts Turnpike, on the Node.js that came with it if this one is too old. Plain JavaScript for any Node.js from 14.13 on.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canRunTurnpike, findOwnNode, howToUpgrade } from './own-node.js';
import { relaunch } from './relaunch.js';

/** Set for the process that was started anew, so that a binary that is too old as well does not start itself for ever. */
const GUARD = 'TURNPIKE_RELAUNCHED';

const file = fileURLToPath(import.meta.url);
const ownNode = process.env[GUARD] ? undefined : findOwnNode(dirname(file));

if (canRunTurnpike()) {
  // By the name that package.json gives it: TypeScript in a checkout, JavaScript in an installed package.
  import('#main').then(({ main }) => main(process.argv.slice(2))).catch(fail);
} else if (ownNode !== undefined) {
  const args = [...process.execArgv, file, ...process.argv.slice(2)];
  relaunch(ownNode, args, { ...process.env, [GUARD]: '1' });
} else {
  process.stderr.write(`${howToUpgrade()}\n`);
  process.exitCode = 1;
}

/** What reaches this is a fault of ours: show where. */
function fail(error) {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
}
