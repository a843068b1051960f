/**
 * How many priorities are to be shed at a measured value: none up to the first threshold, and one more from each threshold
 * to the next. In between, a part of one: so as much is shed as it takes to stay there, and not all or nothing.
 */
export type StrainScale = (value: number) => number;

/** A scale with these thresholds, in ascending order; the last is where everything is shed that may be. */
export function strainScale(thresholds: readonly number[]): StrainScale {
  return (value) => {
    const step = thresholds.findLastIndex((threshold) => value >= threshold);
    const from = thresholds[step];
    const to = thresholds[step + 1];
    if (from === undefined) return 0;
    return to === undefined ? step : step + (value - from) / (to - from);
  };
}
