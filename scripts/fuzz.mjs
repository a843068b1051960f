// `npm run fuzz`: the tests that make up their input, with far more of it and from another place each time.
// FUZZ_CASES and FUZZ_SEED choose; a failure names the seed that repeats it. Plain JavaScript for Node.js 20.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packages.mjs';

const cases = process.env.FUZZ_CASES ?? '1000000';
const seed = process.env.FUZZ_SEED ?? String(randomInt(1, 2 ** 31));
console.log(`FUZZ_CASES=${cases} FUZZ_SEED=${seed}`);

const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'scripts', 'test.mjs'),
    '--test-timeout=36000000',
    ...testsThatMakeUpTheirInput(),
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, FUZZ_CASES: cases, FUZZ_SEED: seed } },
);
process.exitCode = status ?? 1;

function testsThatMakeUpTheirInput() {
  const files = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .map((file) => join('packages', file))
    .filter((file) => /\bFUZZ_|testkit\/fast-check/.test(readFileSync(join(root, file), 'utf8')));
}
