import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzipSync,
  zstdCompressSync,
  type BrotliCompress,
  type Gzip,
  type ZstdCompress,
} from 'node:zlib';
import type { CompressionCoding } from '@turnpike/config';

/** What compresses a stream, as Node.js has it. */
export type Encoder = Gzip | BrotliCompress | ZstdCompress;

// Between fast and small, for responses that are made anew each time. Windows are small, because each stream has its own.
const GZIP = { level: 5, memLevel: 8 };
const BROTLI = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 18 },
};
const ZSTD = {
  params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_windowLog]: 18 },
};

const STREAMS = {
  gzip: () => createGzip(GZIP),
  br: () => createBrotliCompress(BROTLI),
  zstd: () => createZstdCompress(ZSTD),
} as const;

const AT_ONCE = {
  gzip: (bytes: Buffer) => gzipSync(bytes, GZIP),
  br: (bytes: Buffer) => brotliCompressSync(bytes, BROTLI),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes, ZSTD),
} as const;

/** So that what was given so far can be read at the other end. */
const FLUSHES = {
  gzip: constants.Z_SYNC_FLUSH,
  br: constants.BROTLI_OPERATION_FLUSH,
  zstd: constants.ZSTD_e_flush,
} as const;

/** Begins a stream. */
export function encoder(coding: CompressionCoding): Encoder {
  return STREAMS[coding]();
}

/** Brings out what a stream holds back. */
export function flushEncoder(stream: Encoder, coding: CompressionCoding): void {
  stream.flush(FLUSHES[coding]);
}

/** A body that is here as a whole, of one character a byte. */
export function encodedText(text: string, coding: CompressionCoding): string {
  return AT_ONCE[coding](Buffer.from(text, 'latin1')).toString('latin1');
}
