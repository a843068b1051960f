// What must compile, and what must not: the compiler is run over the files in types/, line by line.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const types = fileURLToPath(new URL('types/', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'turnpike-types-'));
after(() => rmSync(directory, { recursive: true }));

/** Lines with errors, by file, as the compiler sees them. */
function compilerErrors(): {
  readonly lines: ReadonlyMap<string, ReadonlySet<number>>;
  readonly output: string;
} {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: object;
  };
  const options = {
    ...compilerOptions,
    noUnusedLocals: false,
    noPropertyAccessFromIndexSignature: false,
    paths: {
      '@turnpike/sdk': [join(root, 'packages/sdk/src/sdk.ts')],
      '@turnpike/config': [join(root, 'packages/config/src/config.ts')],
    },
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['*.ts'] }),
  );
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  for (const name of names())
    writeFileSync(join(directory, `${name}.ts`), readFileSync(join(types, `${name}.txt`)));
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', directory, '--pretty', 'false'], {
    cwd: directory,
    encoding: 'utf8',
  });
  const lines = new Map<string, Set<number>>(names().map((name) => [name, new Set()]));
  for (const [, name = '', line] of stdout.matchAll(/^([a-z-]+)\.ts\((\d+),\d+\): error/gm))
    lines.get(name)?.add(Number(line));
  return { lines, output: stdout };
}

function names(): string[] {
  return readdirSync(types).map((name) => name.replace(/\.txt$/, ''));
}

describe('types', () => {
  const { lines, output } = compilerErrors();
  for (const name of names()) {
    it(`of ${name} let through what is right, and nothing else`, () => {
      const wanted = readFileSync(join(types, `${name}.txt`), 'utf8')
        .split('\n')
        .flatMap((line, index) => (line.endsWith('// error') ? [index + 1] : []));
      assert.ok(wanted.length > 3);
      assert.deepEqual([...(lines.get(name) ?? [])], wanted, output);
    });
  }
});
