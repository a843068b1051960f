import type { Random } from '../../core/random.ts';

/** Which of the traces that begin here are sampled. */
export interface SamplePlan {
  /** From 0 to 1. */
  readonly sample: number;
  /** For each sampler; null: no limit. */
  readonly maxPerSecond: number | null;
}

/** Decides for a route. */
export type Sampler = (nowMs: number) => boolean;

/** A share of them; with a limit, no more than fit into a bucket that is filled at that rate and holds one second's worth. */
export function sampler({ sample, maxPerSecond }: SamplePlan, random: Random): Sampler {
  if (maxPerSecond === null) return () => random.unit() < sample;
  const perMs = maxPerSecond / 1000;
  let tokens = maxPerSecond;
  let filledAtMs = -Infinity;

  return (nowMs) => {
    if (random.unit() >= sample) return false;
    tokens = Math.min(maxPerSecond, tokens + (nowMs - filledAtMs) * perMs);
    filledAtMs = nowMs;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
