import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Jwk } from '../../core/desk.ts';
import { keyOfJwk, newSigningKey, UnusableKey } from './signing-key.ts';

/** Name of the file in the state directory. */
export const KEY_FILE = 'signing-key.json';

/**
 * The key that is kept in a directory, made when there is none yet, so that restarts do not change it. Processes that
 * begin at the same moment all get the key of the first. Rejects when there is a file that is no key: whatever it is, it
 * stays.
 */
export async function keptKey(directory: string): Promise<Jwk> {
  const path = join(directory, KEY_FILE);
  const before = await readKey(path);
  if (before !== null) return before;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeOnce(path, `${JSON.stringify(await newSigningKey())}\n`);
  const kept = await readKey(path);
  if (kept === null) throw new Error('the file went away');
  return kept;
}

async function readKey(path: string): Promise<Jwk | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  return keyOfJwk(parsed(text));
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The message would quote the file.
  }
  throw new UnusableKey('it is not a JWK');
}

/**
 * Puts a file where there is none; does nothing where there is one. Readers see all of it or nothing: it is written under
 * another name and linked, which, unlike a rename, never replaces. For the eyes of its owner only.
 */
export async function writeOnce(path: string, text: string): Promise<void> {
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
