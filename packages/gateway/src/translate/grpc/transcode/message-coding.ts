import { gunzipSync } from 'node:zlib';
import { GatewayError } from '../../../core/errors.ts';
import type { Headers } from '../../../core/headers.ts';

/** Undoes the coding of a message. */
export type DecodeMessage = (flags: number, message: Buffer) => Buffer;

const COMPRESSED = 1;

/**
 * How the messages of a reply are decoded. We ask for none that is compressed, but a service may do it all the same; of gzip it is
 * undone, up to `maxBytes` of what comes out.
 */
export function messageDecoder(headers: Headers, maxBytes: number): DecodeMessage {
  const coding = headers.get('grpc-encoding') ?? 'identity';
  return (flags, message) => {
    if ((flags & COMPRESSED) === 0) return message;
    if (coding !== 'gzip')
      throw new GatewayError('UPSTREAM_INVALID', 'a message in a coding that was not asked for');
    try {
      return gunzipSync(message, { maxOutputLength: maxBytes });
    } catch (error) {
      const code = isTooLarge(error) ? 'RESPONSE_TOO_LARGE' : 'UPSTREAM_INVALID';
      throw new GatewayError(code, 'a message that cannot be decompressed', { cause: error });
    }
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
