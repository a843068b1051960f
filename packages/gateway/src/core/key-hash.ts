/** The state of a hash before the first word of a text. */
export interface HashStart {
  readonly v0: number;
  readonly v1: number;
  readonly v2: number;
  readonly v3: number;
}

/**
 * 64-bit hashes of keys: HalfSipHash-1-3 (Aumasson and Bernstein), over UTF-16 units, two a word.
 *
 * Callers choose their keys and must not find two that meet in one bucket, nor one that meets somebody else's. So this is
 * a keyed hash with a random key; of hashes that only begin with a seed, collisions are known that hold for every seed.
 */
export class KeyHash {
  /** The two halves of the last hash. */
  low = 0;
  high = 0;
  readonly #origin: HashStart;

  /** Two random words. */
  constructor([k0 = 0, k1 = 0]: Iterable<number>) {
    this.#origin = startOf(k0, k1);
  }

  /** Where the hashes of all texts begin that belong to this name: under a key of their own. */
  start(name: string): HashStart {
    this.of(this.#origin, name);
    return startOf(this.low, this.high);
  }

  /**
   * Hashes a text; the result is in `low` and `high`.
   *
   * One loop for all rounds, because the state has to stay in registers: a round for each word of the text, one for its
   * end, and then three without a word for each half of the result.
   */
  of(start: HashStart, text: string): void {
    let { v0, v1, v2, v3 } = start;
    const { length } = text;
    const words = length >> 1;
    for (let step = 0; step <= words + 2 * FINAL_ROUNDS; step++) {
      let word = 0;
      if (step < words) word = text.charCodeAt(2 * step) | (text.charCodeAt(2 * step + 1) << 16);
      else if (step === words) word = (length << 16) | (length & 1 ? text.charCodeAt(length - 1) : 0);
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
      if (step === words) {
        v2 ^= 0xee;
      } else if (step === words + FINAL_ROUNDS) {
        this.low = v1 ^ v3;
        v1 ^= 0xdd;
      }
    }
    this.high = v1 ^ v3;
  }
}

function startOf(k0: number, k1: number): HashStart {
  return { v0: k0, v1: k1 ^ 0xee, v2: 0x6c796765 ^ k0, v3: 0x74656462 ^ k1 };
}

const FINAL_ROUNDS = 3;
