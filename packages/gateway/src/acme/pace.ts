import { asObject } from './acme-failure.ts';

/** What was ordered lately, by whichever gateway; it lies beside the certificate, so that restarts do not forget it. */
export interface Attempts {
  /** When orders were begun in the last hour, in milliseconds since 1970. */
  readonly orders: readonly number[];
  /** In a row. */
  readonly failures: number;
  /** Not before, because the last order failed. */
  readonly notBeforeMs: number;
}

/** Nothing was ordered. */
export const NO_ATTEMPTS: Attempts = { orders: [], failures: 0, notBeforeMs: 0 };

const HOUR_MS = 3_600_000;
/** For each certificate: Let's Encrypt bears five failures an hour and name, and five equal certificates a week. */
const MOST_ORDERS_AN_HOUR = 4;
const FIRST_DELAY_MS = 60_000;
const LONGEST_DELAY_MS = 12 * HOUR_MS;
/** Nobody is told to wait for longer; what says so was written by a clock that was wrong. */
const LONGEST_PAUSE_MS = 25 * HOUR_MS;

/** When the next order may be begun; now or earlier: at once. */
export function nextOrderMs({ orders, notBeforeMs }: Attempts, nowMs: number): number {
  const recent = lately(orders, nowMs);
  const oldest = recent.length < MOST_ORDERS_AN_HOUR ? 0 : (recent.at(-MOST_ORDERS_AN_HOUR) ?? 0) + HOUR_MS;
  return Math.max(oldest, notBeforeMs > nowMs + LONGEST_PAUSE_MS ? 0 : notBeforeMs);
}

/** An order is begun. */
export function begun({ orders, ...rest }: Attempts, nowMs: number): Attempts {
  return { ...rest, orders: [...lately(orders, nowMs), nowMs] };
}

/** It has failed: the next one follows after a minute, and twice as long each time, up to half a day; `jitter` is from 0 to 1. */
export function failed(
  { orders, failures }: Attempts,
  nowMs: number,
  { retryAfterMs, jitter }: { readonly retryAfterMs: number; readonly jitter: number },
): Attempts {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS) * (1 + jitter / 4);
  return { orders, failures: failures + 1, notBeforeMs: nowMs + Math.max(delayMs, retryAfterMs) };
}

/** It has succeeded. */
export function succeeded({ orders }: Attempts): Attempts {
  return { ...NO_ATTEMPTS, orders };
}

/** What was kept; what cannot be read counts as nothing. */
export function readAttempts(text: string | null): Attempts {
  const { orders, failures, notBeforeMs } = asObject(parsed(text));
  return {
    orders: Array.isArray(orders) ? orders.filter((one) => Number.isFinite(one)).slice(-100) : [],
    failures: typeof failures === 'number' ? failures : 0,
    notBeforeMs: typeof notBeforeMs === 'number' ? notBeforeMs : 0,
  };
}

function lately(orders: readonly number[], nowMs: number): number[] {
  return orders.filter((atMs) => atMs > nowMs - HOUR_MS && atMs <= nowMs);
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}
