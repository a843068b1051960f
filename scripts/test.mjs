// `npm test`: installs what is missing, runs all tests, and ends with the line `N passed, N failed`.
// `npm test -- FILE… --test-name-pattern …` runs a part. Plain JavaScript for Node.js 20.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { buildDashboard } from './dashboard.mjs';
import { installPackages, projectEnvironment, projectNode, root } from './packages.mjs';
import { installSystemPackages } from './system-packages.mjs';
import { testBatches } from './test-batches.mjs';

/** A test that takes longer hangs. Applies to whole files as well, also on a machine that has much else to do. */
const TIMEOUT_MS = 600_000;

/** Each in a process of its own. */
const OTHERS = ['packages/!(gateway)/test/**/*.test.ts', 'conformance/**/*.test.ts', 'e2e/**/*.test.ts'];

const isCi = !['', '0', 'false'].includes(process.env.CI ?? '');

installPackages();
buildDashboard();
const missing = installSystemPackages();
for (const name of missing) {
  console.error(`The Debian package ${name} could not be installed; tests that need it are skipped`);
}
const directory = mkdtempSync(join(tmpdir(), 'turnpike-test-'));
process.exitCode = await run(process.argv.slice(2));
rmSync(directory, { recursive: true });

/** Gives the exit code. */
async function run(args) {
  const resultsFile = join(directory, 'results.json');
  const patterns = args.some(isPattern) ? args.filter(isPattern) : [...testBatches(directory), ...OTHERS];
  const status = await runNode([
    '--test',
    `--test-concurrency=${Math.max(2, availableParallelism() - 1)}`,
    `--test-timeout=${TIMEOUT_MS}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(root, 'scripts', 'test-results.mjs')}`,
    `--test-reporter-destination=${resultsFile}`,
    ...args.filter((argument) => !isPattern(argument)),
    ...patterns,
  ]);
  const results = readResults(resultsFile);
  for (const { name, file, reason } of results.skips) {
    const why = typeof reason === 'string' && reason !== '' ? `: ${reason}` : '';
    console.log(`skipped: ${name} (${relative(root, file ?? '')})${why}`);
  }
  const hasNone = results.passed === 0 && results.failed === 0;
  if (hasNone) console.log('no test was run');
  const hasForbiddenSkips = isCi && results.skipped > 0;
  if (hasForbiddenSkips) console.log('a skipped test is a failure under CI');
  console.log(closingLine(results));
  return status === 0 && results.failed === 0 && !hasNone && !hasForbiddenSkips ? 0 : 1;
}

function isPattern(argument) {
  return !argument.startsWith('-');
}

/** Gives the exit status; a runner that a signal has ended has failed. */
function runNode(args) {
  return new Promise((resolve) => {
    const child = spawn(projectNode(), args, {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...projectEnvironment(),
        // Tests that need one of these ask for it by name, and skip.
        TURNPIKE_MISSING_PACKAGES: missing.join(','),
        // A thousand processes load the same modules: each is compiled once.
        NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile'),
      },
    });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0, todo: 0, skips: [] }; // the runner did not come to its end
  }
}

function closingLine({ passed, failed, skipped, todo }) {
  const rest = [skipped > 0 ? `, ${skipped} skipped` : '', todo > 0 ? `, ${todo} to do` : ''];
  return `${passed} passed, ${failed} failed${rest.join('')}`;
}
