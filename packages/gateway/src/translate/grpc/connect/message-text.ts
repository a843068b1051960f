import { GatewayError, type ErrorCode } from '../../../core/errors.ts';
import { MessageFault, type MessageCodec } from '../../../core/grpc-schema.ts';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** The bytes of a message that a client wrote as JSON. Throws a `GatewayError`, which says what is wrong with it. */
export function bytesOfJson(json: Uint8Array, codec: MessageCodec): Uint8Array {
  return checked('INVALID_REQUEST', () => codec.fromJson(UTF_8.decode(json)));
}

/** The JSON of a message of the service. Throws a `GatewayError`. */
export function jsonOfBytes(message: Uint8Array, codec: MessageCodec): Buffer {
  return checked('INVALID_RESPONSE', () => Buffer.from(codec.toJson(message)));
}

function checked<T>(code: ErrorCode, convert: () => T): T {
  try {
    return convert();
  } catch (cause) {
    if (cause instanceof MessageFault) {
      const place = cause.pointer === '' ? '' : ` (at ${cause.pointer})`;
      const detail = code === 'INVALID_REQUEST' ? `${cause.message}${place}` : '';
      throw new GatewayError(code, 'a message is not what its type says', { cause, detail });
    }
    if (cause instanceof TypeError)
      throw new GatewayError(code, 'a message is not UTF-8', { cause, detail: 'JSON is UTF-8' });
    throw cause;
  }
}
