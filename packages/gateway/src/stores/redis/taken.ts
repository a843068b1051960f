import type { Charge, Quota, Taken } from '../../core/counters.ts';
import { LEASE_MS, type PastView } from './redis-leases.ts';
import type { Ask } from './script-call.ts';

/** Taken from a lease in which `left` units remain. How much is left in Redis is an estimate: others take from it too. */
export function takenFromLease({ limiter, quota }: Charge, view: PastView, left: number): Taken {
  const intervalMs = quota.windowMs / quota.limit;
  const refilled = limiter.algorithm === 'gcra' ? Math.floor(view.ageMs / intervalMs) : 0;
  const remaining = Math.min(quota.burst, Math.max(0, view.level + refilled) + left);
  const toNextMs = view.resetMs - view.ageMs;
  return {
    isAllowed: true,
    remaining,
    resetMs: toNextMs > 0 ? toNextMs : intervalMs - (-toNextMs % intervalMs),
    retryAfterMs: 0,
  };
}

/** The longest that a denial is remembered: units may come back. */
const LONGEST_DENIAL_MS = 1000;

/**
 * Whether what Redis denied is denied still: until it said that there would be units, and for a quarter of a lease at least,
 * so that there are some more of them. But never for so long that a small bucket would run over meanwhile.
 */
export function isStillDenied({ deniedCost, retryMs, ageMs }: PastView, quota: Quota): boolean {
  if (deniedCost === 0) return false;
  const fillMs = (quota.burst * quota.windowMs) / quota.limit;
  const leastMs = Math.min(LEASE_MS / 4, fillMs / 2);
  return ageMs < Math.max(leastMs, Math.min(retryMs, LONGEST_DENIAL_MS));
}

/** Denied because Redis has denied as much, or less, a moment ago; null if it has not. */
export function deniedAsBefore({ cost, quota }: Charge, view: PastView): Taken | null {
  if (cost < view.deniedCost || !isStillDenied(view, quota)) return null;
  const moreMs = ((cost - view.deniedCost) * quota.windowMs) / quota.limit;
  return {
    isAllowed: false,
    remaining: Math.max(0, view.level),
    resetMs: Math.max(1, view.resetMs - view.ageMs),
    retryAfterMs: Math.max(1, view.retryMs + moreMs - view.ageMs),
  };
}

/** What Redis has decided. */
export function takenInRedis({ quota }: Charge, { level, leased, resetMs }: Ask, waitMs: number): Taken {
  const remaining = Math.min(quota.burst, Math.max(0, level + leased));
  return { isAllowed: waitMs === 0, remaining, resetMs, retryAfterMs: waitMs };
}

/** Whether a full bucket has room for a charge. */
export function fits({ cost, quota: { limit, burst } }: Charge): boolean {
  return limit > 0 && cost >= 0 && cost <= burst;
}

/** Denied because no bucket of this size ever has so many units. */
export function neverThere({ quota }: Charge): Taken {
  return { isAllowed: false, remaining: 0, resetMs: quota.windowMs, retryAfterMs: quota.windowMs };
}

/** Not looked at, because another bucket denies the request anyway. */
export function presumed({ quota }: Charge): Taken {
  return { isAllowed: true, remaining: quota.burst, resetMs: 0, retryAfterMs: 0 };
}
