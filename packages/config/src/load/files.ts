import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How the loader sees the disk. */
export interface Files {
  readonly read: (path: string) => Promise<Uint8Array>;
  /** The names in a directory, or `null` when the path is no directory. */
  readonly list: (path: string) => Promise<readonly string[] | null>;
}

/** The real disk. */
export const disk: Files = {
  read: (path) => readFile(path),
  list: async (path) => {
    try {
      return await readdir(path);
    } catch (error) {
      if (errorCode(error) === 'ENOTDIR') return null;
      throw error;
    }
  },
};

const IN_DIRECTORY = /\.(ya?ml|json|config\.(ts|mts|js|mjs))$/;

/** What a path stands for: itself, or the configuration files directly in it, by name. */
export async function expandPath(
  files: Files,
  path: string,
): Promise<{ paths: string[]; isDirectory: boolean }> {
  const names = await files.list(path);
  if (names === null) return { paths: [path], isDirectory: false };
  const chosen = names.filter((name) => IN_DIRECTORY.test(name) && !name.startsWith('.'));
  return { paths: chosen.toSorted().map((name) => join(path, name)), isDirectory: true };
}

/** Why a file cannot be read, without the path that the system's message repeats. */
export function readProblem(error: unknown): string {
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
  };
  const code = errorCode(error);
  return known[code] ?? (code === '' ? 'it cannot be read' : code);
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
