import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { GatewayError } from '../../../core/errors.ts';
import type { FrameLimits } from '../frames.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);
/** Smaller messages gain nothing. */
const LEAST_BYTES = 1024;

/** What was compressed; no more than a message may have. Rejects with a `GatewayError`. */
export async function gunzipped(bytes: Buffer, limits: FrameLimits): Promise<Buffer> {
  try {
    return await decompress(bytes, { maxOutputLength: limits.messageBytes });
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError;
    const code = isTooLarge ? limits.tooLarge : limits.incomplete;
    throw new GatewayError(code, 'a message could not be decompressed', { cause });
  }
}

/** Compresses what is worth it, on another thread; null: it stays as it is. */
export async function gzipped(bytes: Buffer): Promise<Buffer | null> {
  return bytes.length < LEAST_BYTES ? null : compress(bytes);
}

/** Whether a list of codings takes gzip (RFC 9110 §12.5.3). */
export function takesGzip(accepted: string | undefined): boolean {
  return (
    accepted !== undefined && /(?:^|,)\s*(?:gzip|\*)\s*(?:,|$|;(?!\s*q=0(?:\.0*)?\s*(?:,|$)))/i.test(accepted)
  );
}
