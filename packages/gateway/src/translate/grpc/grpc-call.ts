import { Headers } from '../../core/headers.ts';
import type { FrameLimits } from './frames.ts';

/** What messages of clients may cost, and what they are called when they do not. */
export function limitsOfRequest(messageBytes: number): FrameLimits {
  return { messageBytes, tooLarge: 'BODY_TOO_LARGE', incomplete: 'INVALID_REQUEST' };
}

/** What messages of services may cost, and what they are called when they do not. */
export function limitsOfReply(messageBytes: number): FrameLimits {
  return { messageBytes, tooLarge: 'RESPONSE_TOO_LARGE', incomplete: 'UPSTREAM_INCOMPLETE' };
}

/** The fields of a call: those of the request but the dropped ones, and what every call of gRPC has. */
export function callFields(request: Headers, type: string, dropped: ReadonlySet<string>): Headers {
  const headers = keptFields(request, dropped).append('Content-Type', type).append('TE', 'trailers');
  // What is left of the time is written for every attempt, to those who were told it in the way of gRPC.
  if (request.has('connect-timeout-ms') && !request.has('grpc-timeout')) headers.append('grpc-timeout', '1H');
  return headers;
}

/** A copy without some of the fields. */
export function keptFields({ names, values }: Headers, dropped: ReadonlySet<string>): Headers {
  const kept = new Headers();
  for (const [i, name] of names.entries()) {
    if (!dropped.has(name.lower)) kept.appendNamed(name, values[i] ?? '');
  }
  return kept;
}
