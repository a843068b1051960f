import type { Freshness } from './freshness.ts';
import type { RequestDirectives } from './request-directives.ts';

/**
 * What a stored response is good for at the moment. `fresh`: give it. `refresh`: give it, and ask for it again meanwhile. `stale`: give
 * it, since the client says that it may be stale. `validate`: ask first.
 */
export type Use = 'fresh' | 'refresh' | 'stale' | 'validate';

/** Whether a stored response may be given to a request (RFC 9111 §4, §5.2.1; RFC 5861 §3). */
export function useOf(freshness: Freshness, wishes: RequestDirectives, nowMs: number): Use {
  const ageMs = nowMs - freshness.bornAtMs;
  const leftMs = freshness.lifetimeMs - ageMs;
  if (freshness.validation === 'always' || wishes.noCache || isTooOld(wishes, ageMs)) return 'validate';
  if (leftMs > 0) return leftMs >= wishes.minFreshSeconds * 1000 ? 'fresh' : 'validate';
  return staleUse(freshness, wishes, -leftMs);
}

/** The same for a response that was softly purged: nobody gets it without that it is asked for again. */
export function useWhenPurged(use: Use, freshness: Freshness): Use {
  if (use === 'validate') return use;
  return freshness.staleWhileRevalidateMs > 0 ? 'refresh' : 'validate';
}

/** Whether it may be given in place of an error, whatever its age was to be, up to the end of its window (RFC 5861 §4). */
export function mayStandIn(freshness: Freshness, wishes: RequestDirectives, nowMs: number): boolean {
  const { bornAtMs, lifetimeMs, staleIfErrorMs, validation } = freshness;
  if (validation === 'always' || wishes.noCache || staleIfErrorMs === 0) return false;
  return nowMs - bornAtMs < lifetimeMs + staleIfErrorMs;
}

/**
 * Whether to ask for a fresh response before it is stale. The nearer the end, and the longer the service takes, the more likely, so
 * that of many requests one does it and not all at once (XFetch: Vattani, Chierichetti, Lowenstein 2015, with β = 1).
 *
 * `chance` is random, from 0 to before 1.
 */
export function isRefreshDue(
  freshness: Freshness,
  nowMs: number,
  { fetchMs, chance }: { readonly fetchMs: number; readonly chance: number },
): boolean {
  const leftMs = freshness.lifetimeMs - (nowMs - freshness.bornAtMs);
  return -Math.log(1 - chance) * fetchMs >= leftMs;
}

function isTooOld({ maxAgeSeconds }: RequestDirectives, ageMs: number): boolean {
  return maxAgeSeconds !== null && ageMs > maxAgeSeconds * 1000;
}

/** RFC 9111 §5.2.1.1 to §5.2.1.3: who asks for an age or for freshness wants nothing stale, unless it says so. */
function staleUse(freshness: Freshness, wishes: RequestDirectives, staleMs: number): Use {
  const { maxAgeSeconds, maxStaleSeconds, minFreshSeconds } = wishes;
  if (minFreshSeconds > 0) return 'validate';
  const isWelcome = maxStaleSeconds > 0 && staleMs <= maxStaleSeconds * 1000;
  const isInWindow = staleMs < freshness.staleWhileRevalidateMs;
  if (isInWindow && (maxAgeSeconds === null || isWelcome)) return 'refresh';
  return isWelcome && freshness.validation === 'usual' ? 'stale' : 'validate';
}
