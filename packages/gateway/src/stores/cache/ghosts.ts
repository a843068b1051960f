import type { CacheArea } from './area.ts';
import { WORD } from './header-words.ts';

const WAYS = 4;
const PLACE_WORDS = 2;

/**
 * Remembers what was evicted lately: fingerprints with the time at which they came, counted in fingerprints. A place is
 * free when its time is past, so nothing is ever taken out. The oldest of a bucket gives way.
 */
export class Ghosts {
  readonly #area: CacheArea;
  readonly #words: Int32Array;

  constructor(area: CacheArea) {
    this.#area = area;
    this.#words = area.words;
  }

  /** `low` finds the bucket, `high` tells its keys apart: the halves of the hash of a key. */
  add(low: number, high: number): void {
    const now = ((this.#words[WORD.GHOST_TIME] ?? 0) + 1) | 0;
    this.#words[WORD.GHOST_TIME] = now;
    const bucket = this.#bucket(low);
    let [best, bestAge] = [bucket, -1];
    for (let place = bucket; place < bucket + WAYS * PLACE_WORDS; place += PLACE_WORDS) {
      const age = this.#words[place] === high ? Infinity : this.#age(place);
      if (age > bestAge) [best, bestAge] = [place, age];
    }
    this.#words[best] = high;
    this.#words[best + 1] = now;
  }

  /** Whether it was among the last `count`. */
  has(low: number, high: number, count: number): boolean {
    const bucket = this.#bucket(low);
    for (let place = bucket; place < bucket + WAYS * PLACE_WORDS; place += PLACE_WORDS) {
      if (this.#words[place] === high && this.#words[place + 1] !== 0 && this.#age(place) < count)
        return true;
    }
    return false;
  }

  #age(place: number): number {
    return ((this.#words[WORD.GHOST_TIME] ?? 0) - (this.#words[place + 1] ?? 0)) >>> 0;
  }

  #bucket(low: number): number {
    return this.#area.ghostsAt + (low & (this.#area.ghosts - 1) & -WAYS) * PLACE_WORDS;
  }
}
