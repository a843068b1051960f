/** What an endpoint gets of its weight at first. */
const LEAST = 0.1;
/** 1: in a straight line. More lets it begin faster and end slower. */
const AGGRESSION = 1;

/**
 * The part of its weight that an endpoint has, from 0.1 to 1, when it has been in use since `sinceMs`: caches, compilers
 * and pools of a program that has just begun are cold, and a full share at once would make it fail.
 */
export function warmth(sinceMs: number, nowMs: number, windowMs: number): number {
  const part = (nowMs - sinceMs) / windowMs;
  return part >= 1 ? 1 : Math.max(LEAST, Math.max(0, part) ** (1 / AGGRESSION));
}
