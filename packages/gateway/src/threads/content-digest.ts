import { hash } from 'node:crypto';
import { constants, readdir, readFile } from 'node:fs/promises';

/** What stands at some paths now, as texts that differ if the contents do: of files their bytes, of directories the names. */
export async function contentDigests(paths: Iterable<string>): Promise<Map<string, string>> {
  const entries = Array.from(paths, async (path): Promise<[string, string]> => [path, await digest(path)]);
  return new Map(await Promise.all(entries));
}

async function digest(path: string): Promise<string> {
  try {
    // A pipe would have us wait for somebody who writes, and nothing could end that.
    const flag = constants.O_RDONLY | constants.O_NONBLOCK;
    return hash('sha256', await readFile(path, { flag }));
  } catch (error) {
    const code = codeOf(error);
    return code === 'EISDIR' ? names(path) : code;
  }
}

async function names(path: string): Promise<string> {
  try {
    return (await readdir(path)).sort().join('\0');
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
