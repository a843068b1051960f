// Test files that share a process. Plain JavaScript for Node.js 20.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './packages.mjs';

/**
 * Which files, below `packages/`, and how many of them: few enough that one that is slow keeps few others waiting. A process for each
 * would spend its time on loading the same modules once more.
 */
const KINDS = [
  { name: 'units', files: /^[^/]+\/src\/.*\.test\.ts$/, size: 12 },
  { name: 'gateway', files: /^gateway\/test\/.*\.test\.ts$/, size: 4 },
];

/** Writes files that import some neighbours each, and gives their paths. */
export function testBatches(directory) {
  const all = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' }).sort();
  return KINDS.flatMap(({ name, files, size }) =>
    inParts(
      all.filter((file) => files.test(file)),
      size,
    ).map((part, i) => {
      const batch = join(directory, `${name}-${i + 1}.test.mjs`);
      const imports = part.map((test) => `import '${pathToFileURL(join(root, 'packages', test)).href}';\n`);
      writeFileSync(batch, imports.join(''));
      return batch;
    }),
  );
}

function inParts(all, size) {
  return all.length === 0 ? [] : [all.slice(0, size), ...inParts(all.slice(size), size)];
}
