import { isAbsolute, relative, resolve } from 'node:path';
import type { Path } from '../path.ts';
import { database } from '../schema/stores.ts';
import type { Resolved } from '../schema/typebox.ts';
import { asJsonSchema } from '../schema/typebox.ts';
import type { PlaceFile, Source } from '../source/source.ts';
import { compile } from '../walk/compile.ts';
import { isMapping } from '../walk/containers.ts';
import { startWalk } from '../walk/walk.ts';
import { referencePaths } from './references.ts';

/**
 * An entry of a section that stands in no file, such as an object of a database.
 *
 * A value must never change: what is known of it is remembered by its identity.
 */
export interface Entry {
  /** What issues call the place: `database:default/routes.user`. */
  readonly file: string;
  readonly section: string;
  readonly name: string;
  readonly value: object;
}

/** What entries may get at of the machine. Nothing, unless a file says so. */
export interface Permissions {
  readonly mayReadVariable: (name: string) => boolean;
  /** For `${file:…}`. */
  readonly placeSecret: PlaceFile;
  /** For everything else that is the name of a file. */
  readonly placeFile: PlaceFile;
}

const reader = compile(asJsonSchema(database));

/**
 * What `stores.database` of the files lets entries have. Read on its own, because references are filled in before
 * a document is read; what is wrong with it is told then.
 */
export function permissionsOf(sources: readonly Source[]): Permissions {
  const owner = sources.find(({ value }) => databaseIn(value) !== undefined);
  const written = databaseIn(owner?.value) ?? {};
  const { references, files } = reader.read(written, startWalk(new Map(), [])) as Resolved<typeof database>;
  const base = owner?.file ?? '';
  return {
    mayReadVariable: (name) => references.env.some((allowed) => covers(allowed, name)),
    placeSecret: placeBelow(references.files.map((path) => resolve(base, '..', path))),
    placeFile: placeBelow(files.map((path) => resolve(base, '..', path))),
  };
}

function databaseIn(value: unknown): unknown {
  if (!isMapping(value) || !isMapping(value['stores'])) return undefined;
  return value['stores']['database'] ?? undefined;
}

function covers(allowed: string, name: string): boolean {
  return allowed.endsWith('*') ? name.startsWith(allowed.slice(0, -1)) : name === allowed;
}

/** Names are relative to the first directory, and may lead below any of them, but nowhere else. */
function placeBelow(directories: readonly string[]): PlaceFile {
  const [first] = directories;
  if (first === undefined) return () => null;
  return (path) => {
    const absolute = resolve(first, path);
    return directories.some((directory) => isBelow(directory, absolute)) ? absolute : null;
  };
}

function isBelow(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '' && !isAbsolute(way) && way.split(/[\\/]/)[0] !== '..';
}

const known = new WeakMap<object, readonly Path[]>();

/** Where in an entry references stand, by its identity: most of thousands are the same as at the last load. */
export function referencesIn(value: object): readonly Path[] {
  const before = known.get(value);
  if (before !== undefined) return before;
  const paths = referencePaths(value);
  known.set(value, paths);
  return paths;
}

/** The same for a document, entry by entry. */
export function referencesInEntries(document: unknown): readonly Path[] {
  if (!isMapping(document)) return referencePaths(document);
  return Object.entries(document).flatMap(([section, entries]) => {
    if (!isMapping(entries)) return referencePaths(entries).map((path) => [section, ...path]);
    const found: Path[] = [];
    for (const [name, entry] of Object.entries(entries)) {
      if (typeof entry !== 'object' && typeof entry !== 'string') continue;
      const paths = typeof entry === 'object' && entry !== null ? referencesIn(entry) : referencePaths(entry);
      for (const path of paths) found.push([section, name, ...path]);
    }
    return found;
  });
}

/** Why an entry may not refer to something; `null`: it may. */
export function refusalOf({ mayReadVariable, placeSecret }: Permissions) {
  return (kind: 'env' | 'file', name: string): string | null => {
    if (kind === 'env' ? mayReadVariable(name) : placeSecret(name) !== null) return null;
    const [what, list] = kind === 'env' ? ['variable', 'env'] : ['file', 'files'];
    return `objects of the database may not refer to the ${what} ${JSON.stringify(name)}; allow it in stores.database.references.${list}`;
  };
}
