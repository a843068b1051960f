// `npm run overload`: overload over real sockets, before services of known capacity. It needs a machine that is not busy, and
// two minutes; what it measured stands in its output. Plain JavaScript for Node.js 20.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './packages.mjs';

const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'scripts', 'test.mjs'),
    'packages/gateway/test/overload/*.scenario.ts',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
