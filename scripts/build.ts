// `npm run build [-- DIRECTORY]`: makes of each package what npm gets, below `dist/packages`, in the same folders as below
// `packages`. Nothing of it is used in a checkout, where Node.js runs the TypeScript itself.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  entryPoints,
  publishedManifest,
  publishedPackages,
  type PublishedPackage,
} from './build/published-package.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const output = resolve(process.argv[2] ?? join(root, 'dist'));
const packages = publishedPackages(root);

rmSync(join(output, 'packages'), { recursive: true, force: true });
for (const one of packages) runOwnBuild(one);
emit(packages);
for (const one of packages) stage(one, join(output, one.path));

/** A package may make files of its own, such as a bundle for browsers, and names them in `files`. */
function runOwnBuild({ directory, manifest }: PublishedPackage): void {
  if (manifest.scripts?.['build'] === undefined) return;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: directory, stdio: 'inherit' });
}

/** JavaScript and types of everything that the entry points lead to; tests and their helpers are not among it. */
function emit(all: readonly PublishedPackage[]): void {
  const config = join(output, 'tsconfig.json');
  mkdirSync(output, { recursive: true });
  const options = {
    noEmit: false,
    noEmitOnError: true,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    rootDir: root,
    outDir: output,
    typeRoots: [join(root, 'node_modules/@types')],
    // Not by way of node_modules: what the compiler first met there it would, now and then, take for somebody else's and leave out.
    paths: Object.assign({}, ...all.map(sourcePaths)) as object,
  };
  const files = all.flatMap(({ directory, manifest }) =>
    entryPoints(manifest).map((file) => join(directory, file)),
  );
  const extended = join(root, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ extends: extended, compilerOptions: options, files, include: [] }));
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', config], { stdio: 'inherit' });
  rmSync(config);
}

/** By the names that others import them by. */
function sourcePaths({ directory, manifest: { name, exports = {} } }: PublishedPackage): object {
  return Object.fromEntries(
    Object.entries(exports).map(([key, file]) => [join(name, key), [join(directory, file)]]),
  );
}

/** Puts beside what was emitted all else that npm gets. */
function stage({ directory, manifest }: PublishedPackage, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const name of [...(manifest.files ?? []), 'README.md']) {
    if (existsSync(join(directory, name)))
      cpSync(join(directory, name), join(target, name), { recursive: true });
  }
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
}
