// Tests of units, many in one process. Plain JavaScript for Node.js 20.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './packages.mjs';

/** Few enough that one slow file does not keep many waiting. */
const FILES_IN_BATCH = 12;

/**
 * Writes files that import the tests beside the code, some neighbours each, and gives their paths. Such tests open no socket and leave
 * nothing behind, and a process for each would spend its time on loading the same modules once more.
 */
export function unitTestBatches(directory) {
  const tests = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[^/]+\/src\/.*\.test\.ts$/.test(file))
    .sort();
  const batches = [];
  for (let first = 0; first < tests.length; first += FILES_IN_BATCH) {
    const batch = join(directory, `units-${batches.length + 1}.test.mjs`);
    const lines = tests
      .slice(first, first + FILES_IN_BATCH)
      .map((test) => `import '${pathToFileURL(join(root, 'packages', test))}';\n`);
    writeFileSync(batch, lines.join(''));
    batches.push(batch);
  }
  return batches;
}
