import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { FileWindow } from './file-window.ts';
import { isAbout } from './is-about.ts';
import {
  checksum,
  decodeEntry,
  LEFT_AT,
  LEFT_IN_ORDER,
  LEFT_IN_USE,
  MAGIC,
  MOST_RECORD_BYTES,
  PREAMBLE_BYTES,
  RECORD_HEAD_BYTES,
  SEED_AT,
  type FileAbout,
  type FileEntry,
} from './layout.ts';

/** The file is none of ours, or of another format, or damaged from some place on. */
export class UnreadableCacheFile extends Error {
  override readonly name = 'UnreadableCacheFile';
}

/** A file that was opened to be read once. */
export interface CacheFile {
  readonly about: FileAbout;
  /** Whether nothing happened after it was written. It says so only once: who reads it is going to change things. */
  readonly wasInOrder: boolean;
  /** Throws `UnreadableCacheFile` where it is damaged; all before that is as it was written. */
  entries(): AsyncGenerator<FileEntry>;
  close(): Promise<void>;
}

/** Opens a file of responses. Rejects with the error of the system, such as `ENOENT`, or with {@link UnreadableCacheFile}. */
export async function openCacheFile(path: string): Promise<CacheFile> {
  const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    await refuseStrangers(file);
    const preamble = Buffer.alloc(PREAMBLE_BYTES);
    await file.read(preamble, 0, PREAMBLE_BYTES, 0);
    if (!preamble.subarray(0, MAGIC.length).equals(MAGIC))
      throw new UnreadableCacheFile('it is no cache file, or has another format');
    const wasInOrder = preamble.readUInt32LE(LEFT_AT) === LEFT_IN_ORDER;
    if (wasInOrder) await markInUse(file);
    const window = new FileWindow(file, PREAMBLE_BYTES);
    const seed = preamble.readUInt32LE(SEED_AT);
    const about = aboutIn(await readRecord(window, seed));
    return { about, wasInOrder, entries: () => entriesIn(window, seed), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What it says is given to clients: nobody else may have been able to write it. */
async function refuseStrangers(file: FileHandle): Promise<void> {
  const { uid, mode } = await file.stat();
  const own = process.getuid?.() ?? uid;
  if (uid !== own || (mode & 0o022) !== 0)
    throw new UnreadableCacheFile('others than its owner could have written it');
}

async function markInUse(file: FileHandle): Promise<void> {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(LEFT_IN_USE);
  await file.write(word, 0, word.length, LEFT_AT);
  await file.datasync();
}

function aboutIn(content: Buffer): FileAbout {
  let about: unknown = null;
  try {
    about = JSON.parse(content.toString());
  } catch {
    // It is no JSON, which is nothing of ours.
  }
  if (!isAbout(about)) throw new UnreadableCacheFile('it does not say what it is');
  return about;
}

async function* entriesIn(window: FileWindow, seed: number): AsyncGenerator<FileEntry> {
  for (;;) {
    const content = await readRecord(window, seed);
    if (content.length === 0) return;
    const entry = decodeEntry(content);
    if (entry === null) throw new UnreadableCacheFile('a record does not fit together');
    yield entry;
  }
}

async function readRecord(window: FileWindow, seed: number): Promise<Buffer> {
  const head = await window.read(RECORD_HEAD_BYTES);
  const bytes = head?.readUInt32LE(0) ?? 0;
  const sum = head?.readUInt32LE(4);
  if (head === null || bytes > MOST_RECORD_BYTES) throw new UnreadableCacheFile('a record has no length');
  const content = await window.read(bytes);
  if (content === null) throw new UnreadableCacheFile('it ends in the middle of a record');
  if (checksum(content, seed) !== sum) throw new UnreadableCacheFile('a record is not what was written');
  return content;
}
