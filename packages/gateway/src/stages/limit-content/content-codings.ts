import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  type BrotliDecompress,
  type Gunzip,
  type Inflate,
  type ZstdDecompress,
} from 'node:zlib';

/** What undoes a coding, as Node has it. */
export type Decompressor = Gunzip | Inflate | BrotliDecompress | ZstdDecompress;

/** The largest window of the `zstd` coding is 8 MiB (RFC 9659 §3); by default a frame may ask for 128. */
const ZSTD = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };

const DECOMPRESSORS = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(ZSTD),
} as const;

/** A content coding that we can undo (RFC 9110 §8.4.1). */
export type ContentCoding = keyof typeof DECOMPRESSORS;

/** For `Accept-Encoding` of a 415 (RFC 9110 §15.5.16). */
export const ACCEPTED_CODINGS = 'gzip, deflate, br, zstd';

/** More than anybody has a use for; each takes memory for its window. */
const MAX_CODINGS = 3;

/** The codings of a body in the order in which they were applied (RFC 9110 §8.4), or null when we cannot undo them all. */
export function contentCodings(contentEncoding: string): readonly ContentCoding[] | null {
  const names = contentEncoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  return names.length <= MAX_CODINGS && names.every(isCoding) ? names : null;
}

/** Begins to undo a coding. */
export function decompressor(coding: ContentCoding): Decompressor {
  return DECOMPRESSORS[coding]();
}

function isCoding(name: string): name is ContentCoding {
  return Object.hasOwn(DECOMPRESSORS, name);
}
