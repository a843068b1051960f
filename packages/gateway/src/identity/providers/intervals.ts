import type { Random } from '../../core/random.ts';

/**
 * When to learn something anew that is good for `lifetimeMs`, or for less if its source says so (never less than a minute):
 * after about 80 % of that, so that gateways that were started together do not ask together.
 */
export function refreshAfterMs(lifetimeMs: number, maxAgeMs: number | null, random: Random): number {
  const goodForMs = maxAgeMs === null ? lifetimeMs : Math.min(lifetimeMs, Math.max(maxAgeMs, SHORTEST_MS));
  return goodForMs * (0.72 + 0.16 * random.unit());
}

/** How long to wait after `failures` in a row: up to 1 s, twice as long each time, up to 60 s. */
export function backoffMs(failures: number, random: Random): number {
  const most = Math.min(FIRST_MS * 2 ** Math.max(0, failures - 1), LONGEST_MS);
  return most * (0.5 + 0.5 * random.unit());
}

const SHORTEST_MS = 60_000;
const FIRST_MS = 1000;
const LONGEST_MS = 60_000;
