import { crc32 } from 'node:zlib';
import type { MovedEntry } from '../../stores/cache/moved-entry.ts';

// The file begins with MAGIC, a word that says how it was left, and a seed. Records follow: bytes, checksum, content. The first is JSON
// about all of it, the last is empty. All numbers are little endian.

/** Ends with the format. Must be raised when anything of it, or of the heads of the stage, changes its meaning. */
export const MAGIC = Buffer.from('TURNPIKE-CACHE 1');
export const LEFT_AT = MAGIC.length;
export const SEED_AT = LEFT_AT + 4;
export const PREAMBLE_BYTES = SEED_AT + 4;

/** Nothing came after it: who wrote it stopped serving before. */
export const LEFT_IN_ORDER = 0x6f72_6465;
/** It was written, or read, by a gateway that went on: later purges are not in it. */
export const LEFT_IN_USE = 0;

export const RECORD_HEAD_BYTES = 8;
/** Longer bodies are not kept; it bounds what one damaged number can ask for. */
export const MOST_BODY_BYTES = 8 * 1024 * 1024;
export const MOST_RECORD_BYTES = MOST_BODY_BYTES + 1024 * 1024;

/** A response in the file, and in which memory it was. */
export interface FileEntry extends MovedEntry {
  /** Of `memories` in what the file says of itself. */
  readonly memory: number;
}

/** What the file says of itself. */
export interface FileAbout {
  readonly savedAtMs: number;
  readonly memories: readonly { readonly name: string; readonly hashKey: readonly [number, number] }[];
  /** A digest of what decides for whom responses of a route are, by route. */
  readonly routes: Readonly<Record<string, string>>;
  /** Up to which purge of the fleet it knows; null: there was none. */
  readonly fleet: { readonly id: string; readonly known: number } | null;
}

const FIXED_BYTES = 20;

/** The content of a record. */
export function encodeEntry({ memory, key, head, digests, body, hits, isSoftPurged }: FileEntry): Buffer {
  const tagsAt = FIXED_BYTES;
  const keyAt = tagsAt + 4 * digests.length;
  const headAt = keyAt + key.length;
  const bodyAt = headAt + head.length;
  const bytes = Buffer.allocUnsafe(bodyAt + body.length);
  bytes.writeUInt16LE(memory, 0);
  bytes.writeUInt16LE(isSoftPurged ? 1 : 0, 2);
  bytes.writeUInt16LE(digests.length, 4);
  bytes.writeUInt16LE(hits, 6);
  bytes.writeUInt32LE(key.length, 8);
  bytes.writeUInt32LE(head.length, 12);
  bytes.writeUInt32LE(body.length, 16);
  for (const [i, digest] of digests.entries()) bytes.writeInt32LE(digest, tagsAt + 4 * i);
  bytes.write(key, keyAt, 'latin1');
  bytes.write(head, headAt, 'latin1');
  bytes.set(body, bodyAt);
  return bytes;
}

/** Null: the numbers in it do not fit together. */
export function decodeEntry(bytes: Buffer): FileEntry | null {
  if (bytes.length < FIXED_BYTES) return null;
  const digestCount = bytes.readUInt16LE(4);
  const keyAt = FIXED_BYTES + 4 * digestCount;
  const headAt = keyAt + bytes.readUInt32LE(8);
  const bodyAt = headAt + bytes.readUInt32LE(12);
  if (digestCount % 2 !== 0 || bodyAt + bytes.readUInt32LE(16) !== bytes.length) return null;
  return {
    memory: bytes.readUInt16LE(0),
    key: bytes.toString('latin1', keyAt, headAt),
    head: bytes.toString('latin1', headAt, bodyAt),
    digests: Array.from({ length: digestCount }, (_, i) => bytes.readInt32LE(FIXED_BYTES + 4 * i)),
    body: bytes.subarray(bodyAt),
    hits: bytes.readUInt16LE(6),
    isSoftPurged: bytes.readUInt16LE(2) === 1,
  };
}

/** Of a record; with the seed of its file, so that what is left of another file does not count. */
export function checksum(content: Uint8Array, seed: number): number {
  return crc32(content, seed);
}
