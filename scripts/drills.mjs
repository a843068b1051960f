// `npm run drills`: what takes long, needs root, or is left to chance: hosts that vanish in network namespaces, registries that are gone for
// ten minutes. `npm run drills -- FILE…` runs a part. Plain JavaScript for Node.js 20.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './packages.mjs';

const args = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'scripts', 'test.mjs'),
    '--test-timeout=3600000',
    ...(args.length > 0 ? args : ['{e2e,packages}/**/*.drill.ts']),
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
