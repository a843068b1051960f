/** A source of randomness for decisions that nobody gains from guessing: balancing, jitter, sampling. */
export interface Random {
  /** A uint32. */
  next(): number;
  /** An integer from 0 to `n` − 1; 0 for `n` ≤ 1. Exactly even up to a bias of `n` / 2³². */
  below(n: number): number;
  /** From 0 up to, but not including, 1; 32 bits of it are random. */
  unit(): number;
}

const TWO_TO_MINUS_32 = 2 ** -32;
/** Zero is the one state that xorshift never leaves. */
const SEED_FOR_ZERO = 0x9e3779b9 | 0;

/**
 * The sequence of xorshift32 (Marsaglia 2003) that belongs to a seed.
 *
 * For the request path, where `Math.random` cannot be seeded and `node:crypto` is too slow. Never for secrets: one
 * output gives away all the others.
 */
export function random(seed: number): Random {
  // An int32, not a uint32, because V8 keeps the former in the closure without allocating.
  let state = scramble(seed) || SEED_FOR_ZERO;

  function step(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  }

  return {
    next: () => step() >>> 0,
    // Not Math.floor: V8 would return a double, and allocate it.
    below: (n) => ((step() >>> 0) * TWO_TO_MINUS_32 * n) >>> 0,
    unit: () => (step() >>> 0) * TWO_TO_MINUS_32,
  };
}

/** A seed that differs at every start and in every thread. */
export function unpredictableSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** Spreads seeds such as 1, 2, 3 over all bits (MurmurHash3's finaliser), or their sequences would begin alike. */
function scramble(seed: number): number {
  let h = seed | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
