import { connectError, endOfStream } from '../../../core/connect-error.ts';
import { ERRORS } from '../../../core/errors.ts';
import type { ExchangeRecord } from '../../../core/exchange.ts';
import type { GrpcStatus } from '../../../core/grpc-status.ts';
import type { Headers } from '../../../core/headers.ts';
import { callStatus, completed, failureFields } from '../call-reply.ts';
import type { Ending } from '../passing-body.ts';
import { statusDetails } from './status-details.ts';

/** Trailers that are about the call itself. */
const NO_METADATA: ReadonlySet<string> = new Set(['grpc-message', 'grpc-status', 'grpc-status-details-bin']);

/** The envelope that ends a stream: how it ended, and the trailers, unless they are in the head. */
export function streamEnd({ code, message, details }: GrpcStatus, trailers: Headers | null): Buffer {
  const error = code === 0 ? null : connectError(code, message, statusDetails(details));
  return endOfStream(error, trailers === null ? {} : metadataOf(trailers));
}

/** How the streams of one exchange end. */
export function streamEnding(record: ExchangeRecord): Ending {
  return {
    after(trailers) {
      const fields = completed(trailers);
      return streamEnd(callStatus(fields, record), fields);
    },
    instead(error) {
      failureFields(error, record);
      const { grpcStatus, title } = ERRORS[error.code];
      return endOfStream(connectError(grpcStatus, title));
    },
  };
}

function metadataOf({ names, values }: Headers): Record<string, string[]> {
  const metadata = new Map<string, string[]>();
  for (const [i, { lower }] of names.entries()) {
    if (NO_METADATA.has(lower)) continue;
    const list = metadata.get(lower) ?? [];
    list.push(values[i] ?? '');
    metadata.set(lower, list);
  }
  return Object.fromEntries(metadata);
}
