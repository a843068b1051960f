import { randomInt } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makePrivateDirectory, syncDirectory } from '../snapshot-file.ts';
import {
  checksum,
  encodeEntry,
  LEFT_AT,
  LEFT_IN_ORDER,
  LEFT_IN_USE,
  MAGIC,
  PREAMBLE_BYTES,
  RECORD_HEAD_BYTES,
  SEED_AT,
  type FileAbout,
  type FileEntry,
} from './layout.ts';

/** What is written at once. Between two writes the thread does other things. */
const WRITE_BYTES = 1024 * 1024;
const NO_CONTENT = Buffer.alloc(0);

/** What a file is to say. */
export interface FileContent {
  readonly about: FileAbout;
  readonly left: 'in-order' | 'in-use';
  /** Asked for one at a time, as the file grows. */
  readonly entries: Iterable<FileEntry>;
}

/**
 * Writes responses to a file, so that after a crash at any moment it is the old one or the new one: a file beside it, synced and renamed over
 * it. Only the owner may read it. Gives its bytes. The file beside it always has the same name, so that crashes do not leave many.
 */
export async function writeCacheFile(path: string, content: FileContent): Promise<number> {
  const temporary = `${path}.new`;
  await makePrivateDirectory(dirname(path));
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  let bytes: number;
  try {
    try {
      bytes = await writeTo(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error says more
    throw error;
  }
  await syncDirectory(dirname(path));
  return bytes;
}

async function writeTo(file: FileHandle, { about, left, entries }: FileContent): Promise<number> {
  const seed = randomInt(2 ** 32);
  const parts: Buffer[] = [preamble(left, seed), ...record(Buffer.from(JSON.stringify(about)), seed)];
  let [waiting, total] = [0, 0];
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(parts.splice(0));
    waiting = 0;
    total += bytes.length;
    await file.writeFile(bytes);
  };
  for (const entry of entries) {
    const content = encodeEntry(entry);
    parts.push(...record(content, seed));
    waiting += content.length;
    if (waiting >= WRITE_BYTES) await flush();
  }
  parts.push(...record(NO_CONTENT, seed));
  await flush();
  return total;
}

function preamble(left: FileContent['left'], seed: number): Buffer {
  const bytes = Buffer.alloc(PREAMBLE_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(left === 'in-order' ? LEFT_IN_ORDER : LEFT_IN_USE, LEFT_AT);
  bytes.writeUInt32LE(seed, SEED_AT);
  return bytes;
}

function record(content: Buffer, seed: number): [Buffer, Buffer] {
  const head = Buffer.alloc(RECORD_HEAD_BYTES);
  head.writeUInt32LE(content.length, 0);
  head.writeUInt32LE(checksum(content, seed), 4);
  return [head, content];
}
