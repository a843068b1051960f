import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What of a package.json matters here; everything else goes on as it is. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
}

/** A package of the workspace that npm gets. */
export interface PublishedPackage {
  /** Where its source is. */
  readonly directory: string;
  /** The same below the root of the workspace, such as `packages/cli`. */
  readonly path: string;
  readonly manifest: Manifest;
}

/** The packages of a workspace that are not private, so that a new one joins by being there. */
export function publishedPackages(root: string): readonly PublishedPackage[] {
  const { workspaces } = readManifest(root) as { readonly workspaces: string[] };
  return globSync(workspaces, { cwd: root })
    .toSorted()
    .map((path) => ({
      path,
      directory: join(root, path),
      manifest: readManifest(join(root, path)) as Manifest,
    }))
    .filter(({ manifest }) => manifest.private !== true);
}

function readManifest(directory: string): unknown {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

/** The TypeScript files that somebody can ask a package for; what these import is all that is published of its source. */
export function entryPoints({ exports = {}, imports = {} }: Manifest): readonly string[] {
  return [...Object.values(exports), ...Object.values(imports)].filter(isTypeScript);
}

/**
 * The package.json that npm gets: the same, but with JavaScript and types where the workspace has TypeScript, which Node.js does
 * not read below `node_modules`.
 */
export function publishedManifest(manifest: Manifest): object {
  const { exports, imports } = manifest;
  const kept = Object.entries(manifest).filter(([key]) => !FOR_US.includes(key));
  return {
    ...Object.fromEntries(kept),
    ...(exports && { exports: mapValues(exports, (target) => withTypes(target)) }),
    ...(imports && { imports: mapValues(imports, (target) => asJavaScript(target)) }),
  };
}

/** Keys that say how a package is made; npm gets what was made. */
const FOR_US = ['scripts', 'devDependencies', 'files'];

function withTypes(target: string): unknown {
  if (!isTypeScript(target)) return target;
  return { types: target.replace(/\.ts$/, '.d.ts'), default: asJavaScript(target) };
}

function asJavaScript(target: string): string {
  return target.replace(/\.ts$/, '.js');
}

function isTypeScript(target: string): boolean {
  return target.endsWith('.ts');
}

function mapValues<T>(
  record: Readonly<Record<string, string>>,
  change: (value: string) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
