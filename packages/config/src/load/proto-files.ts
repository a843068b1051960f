import { join, normalize, relative } from 'node:path';
import { BUILT_IN_PROTOS } from '../descriptors/built-in-protos.ts';
import type { Draft } from '../issue.ts';
import { dotted } from '../path.ts';
import type { DescriptorUse } from '../resolve/descriptor-uses.ts';
import { type Files, readProblem } from './files.ts';
import { expandPattern } from './glob.ts';

/** Hears of what is read or looked for. */
export interface WatchProtos {
  readonly file: (path: string) => void;
  /** A directory whose list of files matters. */
  readonly directory: (path: string) => void;
}

/** Sources, with all that they import. */
export interface ProtoFiles {
  /** By the name under which others import them. */
  readonly texts: ReadonlyMap<string, { readonly path: string; readonly text: string }>;
  readonly importPaths: readonly string[];
}

type ProtosUse = DescriptorUse & { readonly kind: 'protos' };

const MAX_FILES = 2000;

/** Finds the sources that a service names, and what they import; what is nowhere is left to the compiler to tell. */
export async function findProtos(
  use: ProtosUse,
  files: Files,
  watch: WatchProtos,
): Promise<ProtoFiles | { readonly fault: Draft }> {
  const named: { readonly path: string; readonly at: ProtosUse['at'] }[] = [];
  const bases = new Set<string>();
  for (const { pattern, at } of use.patterns) {
    const { base, paths } = await expandPattern(pattern, files, watch.directory);
    bases.add(base);
    if (paths.length === 0) return { fault: bad(at, `no file matches ${pattern}`) };
    named.push(...paths.map((path) => ({ path, at })));
  }
  const importPaths = use.importPaths ?? [...bases];
  const search = new Search(files, watch, importPaths);
  for (const { path, at } of named) {
    const name = nameOf(path, importPaths);
    if (name === null) return { fault: bad(at, `${path} is in none of the import paths`) };
    const problem = await search.add(name, path);
    if (problem !== null)
      return { fault: { ...bad(at, `the file ${path} cannot be read: ${problem}`), code: 'UNREADABLE' } };
  }
  await search.addImports();
  if (search.texts.size > MAX_FILES)
    return { fault: bad(use.at, `are more than ${MAX_FILES} files with their imports`) };
  return { texts: search.texts, importPaths };
}

function bad(at: ProtosUse['at'], problem: string): Draft {
  return { code: 'BAD_VALUE', message: `${dotted(at)}: ${problem}`, path: at };
}

/** What others import a file as: its path from the innermost import path that it is in. */
function nameOf(path: string, importPaths: readonly string[]): string | null {
  const names = importPaths.map((root) => relative(root, path)).filter((name) => isInside(name));
  return names.toSorted((a, b) => a.length - b.length)[0] ?? null;
}

function isInside(name: string): boolean {
  const tidy = normalize(name);
  return tidy !== '..' && !tidy.startsWith('../') && !tidy.startsWith('/');
}

class Search {
  readonly texts = new Map<string, { readonly path: string; readonly text: string }>();
  readonly #files: Files;
  readonly #watch: WatchProtos;
  readonly #importPaths: readonly string[];

  constructor(files: Files, watch: WatchProtos, importPaths: readonly string[]) {
    this.#files = files;
    this.#watch = watch;
    this.#importPaths = importPaths;
  }

  /** Takes a file; gives why it cannot be read, or null. */
  async add(name: string, path: string): Promise<string | null> {
    this.#watch.file(path);
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(await this.#files.read(path));
      this.texts.set(name, { path, text });
      return null;
    } catch (error) {
      return error instanceof TypeError ? 'it is not UTF-8 text' : readProblem(error);
    }
  }

  /** Takes what is imported, and what that imports. A map gives what is added while one goes over it. */
  async addImports(): Promise<void> {
    for (const { text } of this.texts.values()) {
      if (this.texts.size > MAX_FILES) return;
      for (const name of importsOf(text)) if (!this.texts.has(name)) await this.#addImport(name);
    }
  }

  async #addImport(name: string): Promise<void> {
    if (!isInside(name)) return;
    for (const root of this.#importPaths) if ((await this.add(name, join(root, name))) === null) return;
    const text = BUILT_IN_PROTOS[name];
    if (text !== undefined) this.texts.set(name, { path: name, text });
  }
}

/** Those in comments too: a file too many does no harm. */
function importsOf(text: string): string[] {
  return Array.from(
    text.matchAll(/^\s*import\s+(?:public\s+|weak\s+)?["']([^"'\n]+)["']/gm),
    ([, name = '']) => name,
  );
}
