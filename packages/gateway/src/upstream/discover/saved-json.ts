import { hash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file of ours is there and damaged, or is something else. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/**
 * Writes a value so that after a crash at any moment the file is the old one or the new one, never a part. Only the owner may
 * read it. Its first line tells whether the second is whole.
 */
export async function writeSavedJson(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  const head = JSON.stringify({ format: FORMAT, digest: hash('sha256', text) });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${head}\n${text}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error says more
    throw error;
  }
}

/** The value, or undefined if there is no file. Rejects with {@link DamagedFile} when it is not what was written. */
export async function readSavedJson(path: string): Promise<unknown> {
  const text = await read(path);
  if (text === undefined) return undefined;
  const [head = '', body = ''] = text.split('\n');
  try {
    const { format, digest }: Record<string, unknown> = JSON.parse(head);
    if (format === FORMAT && digest === hash('sha256', body)) return JSON.parse(body);
  } catch {
    // Told below.
  }
  throw new DamagedFile('it is damaged, or was written by another version');
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Must be raised when what is written changes so that an older file would not do. */
const FORMAT = 1;
