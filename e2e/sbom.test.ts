import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { publishedPackages } from '../scripts/build/published-package.ts';
import { root } from './cli-program.ts';

interface Bom {
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes?: unknown;
  }[];
}

type Versions = Readonly<Record<string, string>>;

describe('npm run sbom', () => {
  const bom = JSON.parse(
    execFileSync(process.execPath, [join(root, 'scripts/sbom.mjs')], { encoding: 'utf8' }),
  ) as Bom;
  const listed = new Set(
    [bom.metadata.component, ...bom.components].map(({ name, version }) => `${name}@${version}`),
  );

  it('lists every package that is published, and all that it depends on', () => {
    for (const { directory } of publishedPackages(root)) {
      const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Record<
        'name' | 'version',
        string
      > & { readonly dependencies?: Versions; readonly optionalDependencies?: Versions };
      const { name, version, dependencies, optionalDependencies } = manifest;
      const wanted = Object.entries({ [name]: version, ...dependencies, ...optionalDependencies });
      for (const [other, exact] of wanted)
        assert.ok(listed.has(`${other}@${exact}`), `${other}@${exact} of ${name}`);
    }
  });

  it('has the hash of everything that comes from others, and no tool of ours', () => {
    const unhashed = bom.components.filter(
      ({ name, hashes }) => !name.startsWith('@turnpike/') && hashes === undefined,
    );
    assert.deepEqual(unhashed, []);
    for (const tool of ['typescript', 'oxlint', 'kubernetes-models', '@turnpike/testkit']) {
      assert.ok(!bom.components.some(({ name }) => name === tool), tool);
    }
  });
});
