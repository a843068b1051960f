import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Name of the file in the state directory. */
export const STICKY_KEY_FILE = 'sticky-key';

const KEY_BYTES = 32;

/**
 * The key of sticky cookies that is kept in a directory, made when there is none yet, so that restarts do not unbind callers.
 * Processes that begin at the same moment all get the key of the first. Rejects when there is a file that holds no key:
 * whatever it is, it stays. For the supervisor; several gateways before the same services need a configured secret.
 */
export async function keptStickyKey(directory: string): Promise<string> {
  const path = join(directory, STICKY_KEY_FILE);
  const before = await readKey(path);
  if (before !== null) return before;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeOnce(path, `${newStickyKey()}\n`);
  const kept = await readKey(path);
  if (kept === null) throw new Error('the file went away');
  return kept;
}

/** A key that lasts as long as the process: for when there is no place to keep one. */
export function newStickyKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

async function readKey(path: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(path, 'latin1');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  const key = text.trimEnd();
  if (!/^[\w-]{43}$/.test(key)) throw new Error(`${path} holds no key of sticky cookies`);
  return key;
}

/**
 * Puts a file where there is none; does nothing where there is one. Readers see all of it or nothing: it is written under
 * another name and linked, which, unlike a rename, never replaces. For the eyes of its owner only.
 */
async function writeOnce(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
