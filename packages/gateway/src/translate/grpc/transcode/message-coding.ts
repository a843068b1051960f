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
      throw new GatewayError('UPSTREAM_INVALID', 'a message that cannot be decompressed', { cause: error });
    }
  };
}
