import type { FailureKind } from '../core/endpoint-health.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Headers } from '../core/headers.ts';
import { MAX_PENALTY_MS } from './balance/endpoint-states.ts';

/** What the end of an attempt says of the health of its endpoint. */
export type Verdict = 'succeeded' | 'undecided' | FailureKind;

/** By what an answer counts as slower than it was; null: it does not. */
export type Charge = 'error' | 'unavailable' | null;

/** How attempts end that are the fault of their endpoint. */
export const FAULTS_OF_ENDPOINT: ReadonlyMap<ErrorCode, FailureKind> = new Map<ErrorCode, FailureKind>([
  ['CONNECT_FAILED', 'connect'],
  ['CONNECT_TIMEOUT', 'connect'],
  ['UPSTREAM_TLS_FAILED', 'connect'],
  ['UPSTREAM_CERTIFICATE', 'connect'],
  ['UPSTREAM_RESET', 'reset'],
  ['UPSTREAM_TIMEOUT', 'timeout'],
  ['UPSTREAM_INVALID', 'invalid'],
  ['UPSTREAM_INCOMPLETE', 'reset'],
]);

/** Gateway errors speak against the endpoint; errors of the application do not, nor does a request for a pause. */
export function verdictOf(status: number, headers: Headers): Verdict {
  if (status === 503 && headers.has('retry-after')) return 'undecided';
  return status >= 502 && status <= 504 ? 'status' : 'succeeded';
}

export function chargeOf(status: number): Charge {
  if (status < 500) return null;
  if (status === 500) return 'error';
  return status <= 504 && status !== 501 ? 'unavailable' : null;
}

/** The same for gRPC, where `UNAVAILABLE` is what 503 is. Its `DEADLINE_EXCEEDED` is for who knows whose time it was. */
export function verdictOfGrpc(code: number, fields: Headers | null): Verdict {
  if (code === DEADLINE_EXCEEDED) return 'undecided';
  if (code !== UNAVAILABLE) return 'succeeded';
  return fields?.has('grpc-retry-pushback-ms') === true ? 'undecided' : 'status';
}

export function chargeOfGrpc(code: number): Charge {
  if (code === UNAVAILABLE) return 'unavailable';
  return code === UNKNOWN || code === INTERNAL || code === DATA_LOSS ? 'error' : null;
}

/** For how long the endpoint asks to be left alone, in milliseconds, or null. A date would need its clock. */
export function askedPenaltyMs(status: number, headers: Headers): number | null {
  if (status !== 429 && status !== 503) return null;
  const retryAfter = headers.get('retry-after');
  if (retryAfter === undefined || !/^\d{1,6}$/.test(retryAfter)) return null;
  return Math.min(Number(retryAfter) * 1000, MAX_PENALTY_MS);
}

/** The same for gRPC (gRPC A6, "Pushback"). */
export function askedGrpcPenaltyMs(code: number, fields: Headers | null): number | null {
  if (code !== UNAVAILABLE && code !== RESOURCE_EXHAUSTED) return null;
  const pushback = fields?.get('grpc-retry-pushback-ms');
  if (pushback === undefined || !/^\d{1,9}$/.test(pushback)) return null;
  return Math.min(Number(pushback), MAX_PENALTY_MS);
}

const UNKNOWN = 2;
export const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const DATA_LOSS = 15;
