import { createLoader, type Files, type Loaded } from '../src/load.ts';

function missing(path: string): Error {
  return Object.assign(new Error(path), { code: 'ENOENT' });
}

/** A disk in memory: absolute paths and their texts. Directories are what paths begin with. */
export function memoryFiles(texts: Readonly<Record<string, string>>): Files {
  return {
    read: async (path) => {
      const text = texts[path];
      if (text === undefined) throw missing(path);
      return new TextEncoder().encode(text);
    },
    list: async (path) => {
      if (texts[path] !== undefined) return null;
      const inside = Object.keys(texts).filter((file) => file.startsWith(`${path}/`));
      if (inside.length === 0) throw missing(path);
      return [...new Set(inside.map((file) => file.slice(path.length + 1).split('/')[0] ?? ''))];
    },
  };
}

/** Loads texts that exist only in memory. */
export function loadTexts(
  texts: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
  paths: readonly string[] = Object.keys(texts),
): Promise<Loaded> {
  return createLoader({ env, files: memoryFiles(texts) })(paths);
}

/** Loads one YAML text as `/g.yaml`. */
export function loadYaml(text: string, env: Readonly<Record<string, string>> = {}): Promise<Loaded> {
  return loadTexts({ '/g.yaml': text }, env);
}
