import { CALLER_DEADLINE } from '../header-names.ts';
import type { Headers } from '../headers.ts';

/** The units of `grpc-timeout` in milliseconds (gRPC over HTTP/2, "Requests"). */
const UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * How many milliseconds the caller waits, by `grpc-timeout` or `Connect-Timeout-Ms` (Connect protocol): the shortest that it
 * says; Infinity if it says nothing. What is malformed is no deadline, because neither protocol has an answer to it, and it does
 * not go on either.
 */
export function callerWaitMs(headers: Headers): number {
  return (headers.flags & CALLER_DEADLINE) === 0 ? Infinity : shortestWaitMs(headers);
}

function shortestWaitMs({ names, values }: Headers): number {
  let waitMs = Infinity;
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (name === undefined || (name.flags & CALLER_DEADLINE) === 0) continue;
    const value = values[i] ?? '';
    waitMs = Math.min(waitMs, name.lower === 'grpc-timeout' ? grpcTimeoutMs(value) : milliseconds(value));
  }
  return waitMs;
}

/** A number of milliseconds, of ten digits at most; Infinity if it is anything else. */
export function milliseconds(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : Infinity;
}

function grpcTimeoutMs(text: string): number {
  const unitMs = UNITS_MS[text.slice(-1)];
  const digits = text.slice(0, -1);
  return unitMs !== undefined && /^\d{1,8}$/.test(digits) ? Number(digits) * unitMs : Infinity;
}
