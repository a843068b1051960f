import { GRPC_CODES } from './grpc-status.ts';

/** A detail of an error, as its JSON has it (Connect protocol, "Error Codes and Details"). */
export interface ConnectDetail {
  /** `package.Message`. */
  readonly type: string;
  /** The bytes of the message in base64 without padding. */
  readonly value: string;
}

/** An error as Connect clients read it. */
export interface ConnectError {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly ConnectDetail[];
}

/** The name of a gRPC status in Connect. It has the same codes, one of them in another spelling. */
export function connectCode(grpcStatus: number): string {
  const name = GRPC_CODES[grpcStatus] ?? 'UNKNOWN';
  return name === 'CANCELLED' ? 'canceled' : name.toLowerCase();
}

/** An error from a status. What is empty is left out. */
export function connectError(
  grpcStatus: number,
  message: string,
  details: readonly ConnectDetail[] = [],
): ConnectError {
  return {
    code: connectCode(grpcStatus),
    ...(message !== '' && { message }),
    ...(details.length > 0 && { details }),
  };
}

/**
 * The envelope that ends a stream (Connect protocol, "Error-End-Stream"): its flag, its length, and JSON. `metadata` are the
 * trailers.
 */
export function endOfStream(
  error: ConnectError | null,
  metadata: Readonly<Record<string, readonly string[]>> = {},
): Buffer {
  const json = JSON.stringify({
    ...(error !== null && { error }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  });
  const bytes = Buffer.from(`\0\0\0\0\0${json}`);
  bytes[0] = END_STREAM;
  bytes.writeUInt32BE(bytes.length - PREFIX_BYTES, 1);
  return bytes;
}

const END_STREAM = 0b10;
const PREFIX_BYTES = 5;
