/** Chance that is the same every time. */
export interface Draw {
  /** Evenly in [0, 1). */
  unit(): number;
  exponential(mean: number): number;
  /** With that mean; `sigma` is of the logarithm. */
  logNormal(mean: number, sigma: number): number;
}

/** A sequence of its own for each seed (splitmix32). */
export function seeded(seed: number): Draw {
  let state = seed | 0;
  const unit = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  return {
    unit,
    exponential: (mean) => -mean * Math.log(1 - unit()),
    logNormal: (mean, sigma) => mean * Math.exp(sigma * normal() - (sigma * sigma) / 2),
  };
}
