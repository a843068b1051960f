import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** How the loader sees the disk. */
export interface Files {
  readonly read: (path: string) => Promise<Uint8Array>;
  /** The names in a directory, or `null` when the path is no directory. */
  readonly list: (path: string) => Promise<readonly string[] | null>;
}

/** The real disk. */
export const disk: Files = {
  read: readBounded,
  list: async (path) => {
    try {
      return await readdir(path);
    } catch (error) {
      if (errorCode(error) === 'ENOTDIR') return null;
      throw error;
    }
  },
};

/** No file of a configuration is nearly as large; 100,000 routes are 13 MiB. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Devices and pipes are none: reading them may never end. What a shell gives may be a pipe. */
async function readBounded(path: string): Promise<Uint8Array> {
  const isGiven = /^\/dev\/(?:stdin$|fd\/)/.test(path);
  const file = await open(path, isGiven ? constants.O_RDONLY : constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw Object.assign(new Error(path), { code: 'EISDIR' });
    if (!stat.isFile() && !isGiven) throw Object.assign(new Error(path), { code: 'NOT_A_FILE' });
    if (stat.size > MAX_FILE_BYTES) throw Object.assign(new Error(path), { code: 'EFBIG' });
    return await file.readFile();
  } finally {
    await file.close();
  }
}

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
    EACCES: 'permission denied; let the user that the gateway runs as read it',
    EFBIG: `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`,
    ELOOP: 'it is a symbolic link that leads to itself',
    NOT_A_FILE: 'it is a device, a pipe or a socket, not a file',
    EISDIR: 'it is a directory',
  };
  const code = errorCode(error);
  return known[code] ?? (code === '' ? 'it cannot be read' : code);
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
