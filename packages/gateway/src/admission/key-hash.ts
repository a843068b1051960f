/**
 * Two 32-bit hashes of a text, without allocation.
 *
 * Seeded, so that nobody outside knows which keys meet; not a cryptographic hash, and not used where a meeting of two keys
 * does more than have them share a count.
 */
export class KeyHash {
  /** Results of the last `of`. */
  first = 0;
  second = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** Hashes `text` in its `scope`, which keeps equal texts of different meaning apart. */
  of(scope: number, text: string): void {
    let first = this.#seed ^ scope;
    let second = (this.#seed >>> 7) ^ Math.imul(scope, SECOND);
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      first = Math.imul(first ^ unit, FIRST);
      second = Math.imul(second ^ unit, SECOND);
      second ^= second >>> 15;
    }
    this.first = mixed(first ^ text.length);
    this.second = mixed(second ^ first);
  }

  /** A scope for `of`, from its name. */
  scope(name: string): number {
    this.of(0, name);
    return this.first;
  }
}

// Odd, with their bits well spread.
const FIRST = 0x9e3779b1 | 0;
const SECOND = 0x85ebca6b | 0;

/** Lets every bit change half of the others (the finaliser of MurmurHash3). */
function mixed(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
