import type { Headers } from '../../core/headers.ts';
import type { Random } from '../../core/random.ts';
import type { Outcome } from './retry-policy.ts';

const FIRST_MS = 25;
const MOST_MS = 250;
const JITTER = 0.2;
/** A longer pause is for the client to make: it holds nothing of ours meanwhile. */
const MOST_ASKED_MS = 1000;

/** The service does not want to be asked again, or not before the client would have lost patience. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * Milliseconds before retry number `retry`, from 0: 25 × 2^retry, 250 at most, and up to a fifth more or less (gRPC A6), so
 * that those who failed together do not come back together.
 */
export function backoffMs(retry: number, random: Random): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** retry * (1 - JITTER + 2 * JITTER * random.unit()));
}

/**
 * The pause that a reply asks for in milliseconds: `grpc-retry-pushback-ms` (gRPC A6), or `Retry-After` of a 429 or 503. 0: it
 * asks for none. {@link NEVER}: it asks for more than a second, or in a way that we do not understand, which a date is.
 */
export function askedPauseMs(outcome: Outcome, headers: Headers): number {
  const pushback = headers.get('grpc-retry-pushback-ms');
  if (pushback !== undefined) return pauseOf(pushback, 1);
  const retryAfter = outcome === 429 || outcome === 503 ? headers.get('retry-after') : undefined;
  return retryAfter === undefined ? 0 : pauseOf(retryAfter, 1000);
}

function pauseOf(text: string, unitMs: number): number {
  if (!/^\d{1,9}$/.test(text)) return NEVER;
  const pauseMs = Number(text) * unitMs;
  return pauseMs <= MOST_ASKED_MS ? pauseMs : NEVER;
}
