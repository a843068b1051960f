import type { BodySource } from '../../core/body.ts';
import { ERRORS, GatewayError } from '../../core/errors.ts';
import type { Exchange, ExchangeRecord, Reply } from '../../core/exchange.ts';
import { appendStatus, grpcMediaType, percentEncoded } from '../../core/grpc-refusal.ts';
import { grpcStatusOfHttp, readGrpcStatus, type GrpcStatus } from '../../core/grpc-status.ts';
import { Headers } from '../../core/headers.ts';
import type { PassingBody } from './passing-body.ts';

/** What a service answers to a call: at once how it ended, or messages, and the end in their trailers. */
export type CallReply =
  | { readonly kind: 'ended'; readonly trailers: Headers; readonly status: GrpcStatus }
  | { readonly kind: 'messages'; readonly headers: Headers; readonly body: BodySource };

/** Reads the head of a reply. What is no reply of gRPC means what its status of HTTP means, and its body is thrown away. */
export function readReply({ record }: Exchange, { status, headers, body }: Reply): CallReply {
  const isGrpc = status === 200 && grpcMediaType(headers.get('content-type')) === 'application/grpc';
  if (isGrpc && !headers.has('grpc-status') && typeof body === 'object' && body !== null)
    return { kind: 'messages', headers, body };
  if (typeof body === 'object') body?.cancel();
  const trailers = isGrpc
    ? completed(headers)
    : statusFields(grpcStatusOfHttp(status), `the service answered with status ${status} of HTTP`);
  return { kind: 'ended', trailers, status: callStatus(trailers, record) };
}

/** Trailers that have a status: without one nobody knows how the call ended. */
export function completed(trailers: Headers | null): Headers {
  if (trailers?.has('grpc-status') === true) return trailers;
  return statusFields(UNKNOWN, 'the service ended the call without a status');
}

/** How a call ended, by its completed trailers; also for the record. */
export function callStatus(trailers: Headers, record: ExchangeRecord): GrpcStatus {
  const status = readGrpcStatus(trailers) ?? { code: UNKNOWN, message: '', details: null };
  record.grpcStatus = status.code;
  return status;
}

const UNKNOWN = 2;

/** A status as trailers. */
function statusFields(code: number, message: string): Headers {
  return new Headers().append('grpc-status', String(code)).append('grpc-message', percentEncoded(message));
}

/** A failure of the call, as trailers; also for the record. */
export function failureFields(error: GatewayError, record: ExchangeRecord): Headers {
  record.code = error.code;
  record.grpcStatus = ERRORS[error.code].grpcStatus;
  return appendStatus(new Headers(), error.code);
}

/**
 * The body of a reply that says when the time is over: as long as it is read, it hears of a cancellation in place of the
 * connection, which could only break off.
 */
export function untilCancelled(exchange: Exchange, body: PassingBody): BodySource {
  return {
    length: body.length,
    readTo(sink) {
      exchange.whenCancelled({
        cancelled: (code) => body.break(new GatewayError(code, 'cancelled while messages were on the way')),
      });
      body.readTo(sink);
    },
    resume: () => body.resume(),
    cancel: () => body.cancel(),
  };
}
