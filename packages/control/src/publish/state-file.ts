import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { jsonSlices } from '@turnpike/config/load';

/** What was read of a file, and what tells it from others. */
export interface ReadState<T> {
  readonly state: T;
  readonly digest: string;
}

const FORMAT = 1;
/** Large enough to be few, small enough that nobody waits for one. */
const WRITE_CHARACTERS = 256 * 1024;

/**
 * Writes it so that a reader sees all of it or what was there before, whenever the power fails: to another file, which is flushed and
 * takes the place of the old one. That is kept as `PATH.1`. Gives what tells it from others.
 */
export async function writeState(path: string, state: unknown): Promise<string> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const digest = await flushed(temporary, state);
    await rename(path, `${path}.1`).catch(ignoreMissing);
    await rename(temporary, path);
    await syncDirectory(directory);
    return digest;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The newest that can be read; null: there is none. `problem` hears why others were left aside. */
export async function readState<T>(
  path: string,
  problem: (path: string, error: unknown) => void,
): Promise<ReadState<T> | null> {
  for (const one of [path, `${path}.1`]) {
    try {
      return stateIn(await readFile(one, 'utf8'));
    } catch (error) {
      if (!isMissing(error)) problem(one, error);
    }
  }
  return null;
}

/** What tells texts apart, and whole ones from damaged ones. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function stateIn<T>(text: string): ReadState<T> {
  const [head = '', body = ''] = text.split('\n', 2);
  const { format, sha256 } = JSON.parse(head) as { format: number; sha256: string };
  if (format !== FORMAT) throw new Error(`its format is ${format}, and this program knows ${FORMAT}`);
  if (sha256 !== digestOf(body)) throw new Error('it is damaged');
  return { state: JSON.parse(body) as T, digest: sha256 };
}

/** The first line says what the rest must be, so it is written last, into the room that was left for it. */
async function flushed(path: string, state: unknown): Promise<string> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(headOf('-'.repeat(64)));
    const digest = await writeBody(file, state);
    await file.write(headOf(digest), 0);
    await file.sync();
    return digest;
  } finally {
    await file.close();
  }
}

function headOf(digest: string): string {
  return `${JSON.stringify({ format: FORMAT, sha256: digest })}\n`;
}

async function writeBody(file: FileHandle, state: unknown): Promise<string> {
  const digest = createHash('sha256');
  let text = '';
  for (const slice of jsonSlices(state)) {
    text += slice;
    if (text.length < WRITE_CHARACTERS) continue;
    digest.update(text);
    await file.writeFile(text);
    text = '';
  }
  digest.update(text);
  await file.writeFile(`${text}\n`);
  return digest.digest('hex');
}

async function syncDirectory(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

/** Whether something failed because there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
