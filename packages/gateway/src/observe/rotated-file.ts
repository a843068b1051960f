import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A log file, and what becomes of the ones before it. */
export interface RotatedFile {
  readonly path: string;
  /** Null: it may be as large as it likes. */
  readonly sizeBytes: number | null;
  /** Null: it may be as old as it likes. */
  readonly everyMs: number | null;
  /** Old files that stay. */
  readonly keep: number;
  readonly gzip: boolean;
}

/**
 * Gives the file another name if it is large or old enough, which ends with the moment (`access.log.20261123T130604.123Z`, so that
 * names sort by age); tells whether it did. Who has it open goes on writing to it until they open the path again.
 *
 * `sinceMs` is when it was begun; what is no regular file, is empty or is not there stays.
 */
export async function moveIfDue(file: RotatedFile, sinceMs: number, nowMs: number): Promise<boolean> {
  const sizeBytes = await regularSize(file.path);
  if (sizeBytes === 0) return false;
  const isLarge = file.sizeBytes !== null && sizeBytes >= file.sizeBytes;
  const isOld = file.everyMs !== null && periodOf(sinceMs, file.everyMs) !== periodOf(nowMs, file.everyMs);
  if (!isLarge && !isOld) return false;
  const moment = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '');
  const target = `${file.path}.${moment}`;
  // Nothing may be overwritten: a clock that was set back waits for the next look.
  if (await isThere(target)) return false;
  await rename(file.path, target);
  return true;
}

/** When a file that is there already was written to last, in milliseconds since 1970; null without one. */
export async function lastWriteMs(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return null; // it will be made by whoever opens it
  }
}

/** Compresses the old files, and deletes those that are too many. Only for when nobody writes to them any more. */
export async function tidy(file: RotatedFile): Promise<void> {
  const old = await oldFiles(file.path);
  const excess = old.slice(0, Math.max(0, old.length - file.keep));
  for (const name of excess) await rm(name, { force: true });
  if (!file.gzip) return;
  for (const name of old.slice(excess.length)) if (!name.endsWith('.gz')) await compress(name);
}

/** The oldest first. Half-made ones are not among them; they are begun again. */
async function oldFiles(path: string): Promise<string[]> {
  const [folder, name] = [dirname(path), basename(path)];
  const names = await readdir(folder);
  const isOld = (other: string): boolean =>
    other.startsWith(`${name}.`) && OLD.test(other.slice(name.length));
  return names
    .filter(isOld)
    .sort()
    .map((other) => join(folder, other));
}

/** A file that grew meanwhile is still somebody's, such as an older process that is on its way out: it stays as it is, for now. */
async function compress(name: string): Promise<void> {
  const half = `${name}.gz.half`;
  const before = await stat(name);
  await pipeline(createReadStream(name), createGzip(), createWriteStream(half, { mode: before.mode }));
  const after = await stat(name);
  if (after.size !== before.size) {
    await rm(half, { force: true });
    return;
  }
  await rename(half, `${name}.gz`);
  await rm(name, { force: true });
}

async function regularSize(path: string): Promise<number> {
  try {
    const found = await lstat(path);
    return found.isFile() ? found.size : 0;
  } catch {
    return 0; // somebody else moved it
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await regularSize(path)) > 0 || (await regularSize(`${path}.gz`)) > 0;
}

function periodOf(ms: number, everyMs: number): number {
  return Math.floor(ms / everyMs);
}

const OLD = /^\.\d{8}T\d{6}\.\d{3}Z(\.gz)?$/;
