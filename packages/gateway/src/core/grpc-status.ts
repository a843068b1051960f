import type { Headers } from './headers.ts';

/** How a gRPC call ended (gRPC over HTTP/2, "Responses"). */
export interface GrpcStatus {
  /** 0 to 16. */
  readonly code: number;
  /** Decoded; `''` without one. */
  readonly message: string;
  /** A `google.rpc.Status` in protobuf, or null. */
  readonly details: Uint8Array | null;
}

/** Names of the codes (google.rpc.Code), by number. */
export const GRPC_CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

const UNKNOWN = 2;
const INTERNAL = 13;

/** The status of HTTP that stands for one of gRPC, by its number (comments of google.rpc.Code). */
export const HTTP_STATUS_OF_GRPC: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];

/** What a status of HTTP means where none of gRPC came with it (grpc/doc/http-grpc-status-mapping.md). */
export function grpcStatusOfHttp(status: number): number {
  switch (status) {
    case 400:
    case 431:
      return INTERNAL;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return UNKNOWN;
  }
}

/** Reads the status from trailers, or from a head that is at once the trailers; null: there is none. */
export function readGrpcStatus(fields: Headers): GrpcStatus | null {
  const text = fields.get('grpc-status');
  if (text === undefined) return null;
  const code = /^\d{1,2}$/.test(text) && Number(text) < GRPC_CODES.length ? Number(text) : UNKNOWN;
  const details = fields.get('grpc-status-details-bin');
  return {
    code,
    message: percentDecoded(fields.get('grpc-message') ?? ''),
    details: details === undefined ? null : Buffer.from(details, 'base64'),
  };
}

/** Bytes of UTF-8 behind `%`; what is no escape stays as it is, because losing a message is worse (same section). */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}
