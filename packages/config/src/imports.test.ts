import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { it } from 'node:test';

const here = new URL('./', import.meta.url);

/** Packages that need nothing of Node.js. */
const PURE = new Set(['typebox', '@bufbuild/cel', '@bufbuild/re2']);

async function importsOf(file: URL): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  return Array.from(text.matchAll(/^(?:import|export)[^;]*? from '([^']+)'/gms), ([, name]) => name ?? '');
}

it('runs in a browser: the door leads to nothing of Node.js', async () => {
  const open = [new URL('config.ts', here)];
  const seen = new Set<string>();
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file.href)) continue;
    seen.add(file.href);
    for (const name of await importsOf(file)) {
      if (name.startsWith('.')) open.push(new URL(name, file));
      else assert.ok(PURE.has(name), `${name} in ${file.pathname}`);
    }
  }
  assert.ok(seen.size > 40);
});

it('imports each npm package in one file', async () => {
  const files = (await readdir(here, { recursive: true })).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const users: Record<string, string[]> = {};
  for (const file of files) {
    for (const name of await importsOf(new URL(file, here))) {
      const used = name.startsWith('graphql/') ? 'graphql' : name;
      if (!/^(\.|node:)/.test(name) && users[used]?.includes(file) !== true) (users[used] ??= []).push(file);
    }
  }
  assert.deepEqual(users, {
    '@bufbuild/cel': ['expression-engine.ts'],
    '@bufbuild/protobuf': ['descriptors/descriptors.ts'],
    '@bufbuild/protobuf/wkt': ['descriptors/descriptors.ts'],
    '@bufbuild/re2': ['pattern/linear-regexp.ts'],
    '@seriousme/openapi-schema-validator': ['validation/check/openapi-structure.ts'],
    'ajv-formats': ['validation/formats.ts'],
    'ajv/dist/2020.js': ['validation/schema-engine.ts'],
    graphql: ['graphql/graphql-engine.ts'],
    typebox: ['schema/typebox.ts'],
    yaml: ['load/yaml.ts'],
  });
});
