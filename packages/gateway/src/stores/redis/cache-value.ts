import { crc32 } from 'node:zlib';
import type { SharedEntry } from '../../core/shared-cache.ts';

/** A response as it lies in Redis. */
export type CacheValue = Omit<SharedEntry, 'keepMs'>;

/** "TPC", and the number of this format: another one is not read. */
const MAGIC = 0x54504301;

/** Magic, checksum, `asOf` (8 bytes), then the lengths of key, tags and head; the body is the rest. */
const AT = { MAGIC: 0, CHECKSUM: 4, AS_OF: 8, KEY: 16, TAGS: 20, HEAD: 24, TEXTS: 28 } as const;
/** What the checksum is about. */
const CHECKED_FROM = AT.AS_OF;

/** Tags are made of what fields of a head can hold: never a line break. */
const BETWEEN_TAGS = '\n';

/** A value for Redis. The key is in it, so that what got to a wrong place is not taken for something else. */
export function encodeValue(key: string, { head, body, tags, asOf }: CacheValue): Buffer {
  const texts = [key, tags.join(BETWEEN_TAGS), head];
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const value = Buffer.allocUnsafe(AT.TEXTS + lengths.reduce((sum, length) => sum + length, 0) + body.length);
  value.writeUInt32LE(MAGIC, AT.MAGIC);
  value.writeDoubleLE(asOf, AT.AS_OF);
  let at: number = AT.TEXTS;
  for (const [i, text] of texts.entries()) {
    value.writeUInt32LE(lengths[i] ?? 0, AT.KEY + 4 * i);
    at += value.write(text, at);
  }
  value.set(body, at);
  value.writeUInt32LE(crc32(value.subarray(CHECKED_FROM)), AT.CHECKSUM);
  return value;
}

/** What is in a value for this key; null if it is for another one, or no value of ours. The body is a part of `value`. */
export function decodeValue(key: string, value: Buffer): CacheValue | null {
  if (value.length < AT.TEXTS || value.readUInt32LE(AT.MAGIC) !== MAGIC) return null;
  if (value.readUInt32LE(AT.CHECKSUM) !== crc32(value.subarray(CHECKED_FROM))) return null;
  let at: number = AT.TEXTS;
  const text = (lengthAt: number): string => {
    const from = at;
    at += value.readUInt32LE(lengthAt);
    return value.toString('utf8', from, at);
  };
  const [itsKey, tags, head] = [text(AT.KEY), text(AT.TAGS), text(AT.HEAD)];
  if (itsKey !== key || at > value.length) return null;
  return {
    head,
    tags: tags === '' ? [] : tags.split(BETWEEN_TAGS),
    asOf: value.readDoubleLE(AT.AS_OF),
    body: value.subarray(at),
  };
}
