/** Takes one of what a caller has left; gives after how many seconds there is one again, 0 if it was had. */
export type WriteLimit = (caller: string, nowMs: number) => number;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** So many callers are remembered; who comes beyond that pushes out the one that was quiet for longest. */
const MOST_CALLERS = 1_000;

/** So that no script that has gone wild fills the database: a token bucket for each caller, by name. */
export function writeLimit(perSecond: number, burst: number): WriteLimit {
  const buckets = new Map<string, Bucket>();
  return (caller, nowMs) => {
    const { tokens: before, atMs } = buckets.get(caller) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, before + (Math.max(0, nowMs - atMs) / 1000) * perSecond);
    const isFree = tokens >= 1;
    buckets.delete(caller);
    buckets.set(caller, { tokens: isFree ? tokens - 1 : tokens, atMs: nowMs });
    const [oldest] = buckets.keys();
    if (buckets.size > MOST_CALLERS && oldest !== undefined) buckets.delete(oldest);
    return isFree ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
  };
}
