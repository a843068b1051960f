import { KeyHash, type HashStart } from '../../core/key-hash.ts';
import { USE_ROWS, type CacheArea } from './area.ts';
import { WORD } from './header-words.ts';

const COUNT_BITS = 16;
const MOST_COUNT = 2 ** COUNT_BITS - 1;
/** After so many uses for each place all counts are halved. */
const USES_PER_ERA = 8;

/**
 * How often keys were asked for lately, by all threads: a count-min sketch with conservative update. It may say too much of a
 * key that meets others in all rows, never too little but for the ageing. Without a lock: a use that is lost delays something by
 * one use.
 *
 * A count carries the era in which it was written, and is halved for each that has passed; so nobody has to go through all.
 */
export class UseCounts {
  readonly #area: CacheArea;
  readonly #hash: KeyHash;
  readonly #start: HashStart;

  constructor(area: CacheArea) {
    this.#area = area;
    this.#hash = new KeyHash(area.words.slice(WORD.HASH_KEY, WORD.HASH_KEY + 2));
    this.#start = this.#hash.start('use');
  }

  /** Counts a use of the key, and gives how many there were lately, with this one. */
  seen(key: string): number {
    const { words, useCounts } = this.#area;
    const uses = Atomics.add(words, WORD.USES, 1) >>> 0;
    const era = Math.floor(uses / (useCounts * USES_PER_ERA)) & MOST_COUNT;
    this.#hash.of(this.#start, key);
    let least = MOST_COUNT;
    for (let row = 0; row < USE_ROWS; row++) least = Math.min(least, this.#count(this.#place(row), era));
    const count = Math.min(least + 1, MOST_COUNT);
    for (let row = 0; row < USE_ROWS; row++) {
      const place = this.#place(row);
      if (this.#count(place, era) < count) Atomics.store(words, place, (era << COUNT_BITS) | count);
    }
    return count;
  }

  #count(place: number, era: number): number {
    const word = Atomics.load(this.#area.words, place);
    const passed = (era - (word >>> COUNT_BITS)) & MOST_COUNT;
    return passed > COUNT_BITS ? 0 : (word & MOST_COUNT) >>> passed;
  }

  /** Rows look at different bits of the hash. */
  #place(row: number): number {
    const { useCounts, usesAt } = this.#area;
    const bits = this.#hash.low + Math.imul(row, this.#hash.high | 1);
    return usesAt + row * useCounts + (bits & (useCounts - 1));
  }
}
