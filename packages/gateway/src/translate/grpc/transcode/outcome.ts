import type { BodySource } from '../../../core/body.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Exchange, Reply } from '../../../core/exchange.ts';
import { grpcMediaType } from '../../../core/grpc-refusal.ts';
import { grpcStatusOfHttp, readGrpcStatus, type GrpcStatus } from '../../../core/grpc-status.ts';
import type { Headers } from '../../../core/headers.ts';

/** What the head of a reply says: that messages follow, or how the call has ended already. */
export type Outcome =
  | { readonly kind: 'messages'; readonly body: BodySource }
  | { readonly kind: 'ended'; readonly status: GrpcStatus };

/** Reads the head of a reply to a gRPC call; a body that nobody can read is dropped. */
export function outcomeOf(exchange: Exchange, reply: Reply): Outcome {
  const { status, headers, body } = reply;
  const ended = readGrpcStatus(headers);
  const isGrpc = grpcMediaType(headers.get('content-type')) === 'application/grpc';
  if (ended === null && status === 200 && isGrpc && typeof body === 'object' && body !== null)
    return { kind: 'messages', body };
  if (typeof body === 'object') body?.cancel();
  if (ended === null && status === 200)
    throw new GatewayError('UPSTREAM_INVALID', 'the service did not answer with gRPC');
  return { kind: 'ended', status: noted(exchange, ended ?? statusOfHttp(status)) };
}

/** How a call has ended, by its trailers. */
export function endingOf(exchange: Exchange, trailers: Headers | null): GrpcStatus {
  const status = trailers === null ? null : readGrpcStatus(trailers);
  if (status === null) throw new GatewayError('UPSTREAM_INVALID', 'a call ended without grpc-status');
  return noted(exchange, status);
}

function statusOfHttp(status: number): GrpcStatus {
  return { code: grpcStatusOfHttp(status), message: '', details: null };
}

function noted(exchange: Exchange, status: GrpcStatus): GrpcStatus {
  exchange.record.grpcStatus = status.code;
  return status;
}
