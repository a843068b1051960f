/**
 * Two 32-bit hashes of a text, without allocation, about a nanosecond a character. Not cryptographic: who chooses texts can
 * have them meet, unless the seed is secret.
 */
export class TextHash {
  /** Results of the last `of`: integers from 0 to 2³² − 1. */
  first = 0;
  second = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  of(text: string): void {
    let first = this.#seed ^ 0x2545f491;
    let second = Math.imul(this.#seed, 0x27d4eb2f) ^ text.length;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      first = Math.imul(first ^ unit, 0x9e3779b1);
      first ^= first >>> 15;
      second = Math.imul(second ^ unit, 0x85ebca6b);
      second ^= second >>> 13;
    }
    this.first = mixed(first ^ text.length) >>> 0;
    this.second = mixed(second ^ this.first) >>> 0;
  }
}

/** Lets every bit change half of the others (the finaliser of MurmurHash3). */
function mixed(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
