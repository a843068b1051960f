import { hash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { Draft } from '../issue.ts';
import { dotted, type Path } from '../path.ts';
import type { PluginUse } from '../resolve/plugins.ts';
import type { PluginFacts } from '../resolved/plugins.ts';
import type { GatewayConfig } from '../resolved.ts';
import { type Files, readProblem } from './files.ts';

/** The plugins that a configuration names, as far as they could be read and tried. */
export interface ReadPlugins extends TriedPlugins {
  /** Of their files, and of what those import, by absolute path. */
  readonly texts: GatewayConfig['documents'];
  /** SHA-256 of a plugin with all that it imports, by its path. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Tries a plugin without serving with it. The configuration cannot: who does is told to the loader. */
export type TryPlugins = (
  uses: readonly (PluginUse & { readonly digest: string })[],
  texts: GatewayConfig['documents'],
) => Promise<TriedPlugins>;

/** What came of it. */
export interface TriedPlugins {
  /** Told where the plugins are named. */
  readonly faults: readonly Draft[];
  /** By file, of those that could be loaded. */
  readonly facts: Readonly<Record<string, PluginFacts>>;
}

/** Where nobody tries anything. */
export const notTried: TryPlugins = () => Promise.resolve({ faults: [], facts: {} });

/** What reading works with. `watch` hears the path of everything that is read or looked for. */
export interface PluginPorts {
  readonly files: Files;
  readonly watch: (path: string) => void;
  readonly tryPlugins: TryPlugins;
}

/** A plugin and the files that it imports, at most. */
const MAX_FILES = 100;
const MAX_BYTES = 1024 * 1024;
const MODULE = /\.m?[jt]s$/;

/**
 * Relative paths after `from` or `import`. It also finds some in comments, which are read if they are there, and does no harm;
 * it does not find those that are worked out while the program runs.
 */
const IMPORTED = /\b(?:from|import)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;

/** Reads the files of plugins, with those that they import by relative paths (a change of one of them is a new plugin), and tries them. */
export async function readPlugins(uses: readonly PluginUse[], ports: PluginPorts): Promise<ReadPlugins> {
  const texts = new Map<string, string>();
  const digests: Record<string, string> = {};
  const faults: Draft[] = [];
  for (const { file, at } of uses) {
    if (file in digests) continue;
    const problem = MODULE.test(file) ? await readWithImports(file, texts, ports) : NO_MODULE;
    if (typeof problem === 'string') faults.push(faultOf(problem, [...at, 'use']));
    else digests[file] = digestOf(problem, texts);
  }
  const read = Object.fromEntries(texts);
  const known = uses.flatMap((use) => {
    const digest = digests[use.file];
    return digest === undefined ? [] : [{ ...use, digest }];
  });
  const tried = await (known.length === 0 ? notTried : ports.tryPlugins)(known, read);
  const told = tried.faults.map((fault) => ({
    ...fault,
    message: `${dotted(fault.path)}: ${fault.message}`,
  }));
  return { texts: read, digests, faults: [...faults, ...told], facts: tried.facts };
}

const NO_MODULE = 'is no file in TypeScript or JavaScript: its name must end in .ts, .mts, .js or .mjs';

/** Gives the paths of all, or says what is wrong. A file that is imported and not there is told when it is missed. */
async function readWithImports(
  first: string,
  texts: Map<string, string>,
  ports: PluginPorts,
): Promise<string | readonly string[]> {
  const found = new Set([first]);
  let bytes = 0;
  for (const file of found) {
    try {
      const text = texts.get(file) ?? (await read(file, ports));
      texts.set(file, text);
      bytes += text.length;
      for (const [, , name = ''] of text.matchAll(IMPORTED)) found.add(resolve(dirname(file), name));
    } catch (error) {
      if (file === first) return `the file ${file} cannot be read: ${problemOf(error)}`;
      found.delete(file);
    }
    if (found.size > MAX_FILES || bytes > MAX_BYTES)
      return `is larger than ${MAX_FILES} files or ${MAX_BYTES} bytes with all that it imports`;
  }
  return [...found].sort();
}

async function read(file: string, { files, watch }: Omit<PluginPorts, 'tryPlugins'>): Promise<string> {
  watch(file);
  return new TextDecoder('utf-8', { fatal: true }).decode(await files.read(file));
}

function problemOf(error: unknown): string {
  return error instanceof TypeError ? 'it is not UTF-8 text' : readProblem(error);
}

function digestOf(files: readonly string[], texts: ReadonlyMap<string, string>): string {
  return hash('sha256', JSON.stringify(files.map((file) => [file, texts.get(file)])));
}

function faultOf(problem: string, path: Path): Draft {
  return { code: 'UNREADABLE', message: `${dotted(path)}: ${problem}`, path };
}
