import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConsumerKey } from '../domain/keys.ts';
import type { StoredObject } from '../domain/objects.ts';

/** What a gateway took from the database last: enough to start without it. */
export interface SavedState {
  readonly revision: number;
  /** As they are stored: their secrets are sealed. */
  readonly objects: readonly StoredObject[];
  readonly keys: readonly ConsumerKey[];
  /** Milliseconds since 1970, when the database was heard last. */
  readonly heardAt: number;
  /** Of what history that is; nothing in what an older program wrote. */
  readonly origin?: Origin;
}

/** What tells the same numbers of two histories apart: `Position` of the store. */
export interface Origin {
  readonly history: string;
  readonly madeAt: number | null;
}

const FORMAT = 1;

/**
 * Writes it so that a reader sees all of it or what was there before, whenever the power fails: to another file, which is flushed and
 * takes the place of the old one. That is kept as `PATH.1`.
 */
export async function writeState(path: string, state: unknown): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const body = JSON.stringify(state);
  const text = `${JSON.stringify({ format: FORMAT, sha256: digestOf(body) })}\n${body}\n`;
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await flushed(temporary, text);
    await rename(path, `${path}.1`).catch(ignoreMissing);
    await rename(temporary, path);
    await syncDirectory(directory);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The newest that can be read; null: there is none. `problem` hears why others were left aside. */
export async function readState<T = SavedState>(
  path: string,
  problem: (path: string, error: unknown) => void,
): Promise<T | null> {
  for (const one of [path, `${path}.1`]) {
    try {
      return stateIn(await readFile(one, 'utf8')) as T;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') problem(one, error);
    }
  }
  return null;
}

function stateIn(text: string): unknown {
  const [head = '', body = ''] = text.split('\n', 2);
  const { format, sha256 } = JSON.parse(head) as { format: number; sha256: string };
  if (format !== FORMAT) throw new Error(`its format is ${format}, and this program knows ${FORMAT}`);
  if (sha256 !== digestOf(body)) throw new Error('it is damaged');
  return JSON.parse(body);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function flushed(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
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
  if (codeOf(error) !== 'ENOENT') throw error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
