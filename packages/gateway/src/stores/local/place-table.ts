/** No place. */
export const NOWHERE = -1;

/**
 * Which place belongs to which key, for all threads of the process: a table of fixed size in shared memory, without a lock.
 *
 * The hash of a key names a row of {@link PLACES} places; the other half of it says in the place whose that is. A place is
 * kept until a second that its holders put off as they use it, and is taken by another key afterwards. When all places of a
 * row are kept, the one that would be over first gives way; who takes it learns how long it would have been kept.
 *
 * At no time do two places belong to the same key. Whoever takes a place for a key first makes that known and then looks at
 * the others of the row, so of two who take one for the same key at once, at least one sees the other. A place that is kept
 * for the key already prevails; one that is as new as one's own is put out, which its owner finds when it wants to keep it.
 */
export class PlaceTable {
  /** Of the last `find` or `claim`: the state of the place, to tell whether it is still the same key's. */
  #mark = 0;
  /** Of the last `claim`: seconds that the place would have been kept for another key. */
  secondsTaken = 0;
  readonly #words: Int32Array;
  readonly #rowMask: number;

  /** Over {@link PLACE_BYTES} for each place, zeros at first; one object a thread. */
  constructor(buffer: SharedArrayBuffer, offset: number, places: number) {
    this.#words = new Int32Array(buffer, offset, PLACE_INTS * places);
    this.#rowMask = places / PLACES - 1;
  }

  /** Whole rows, a power of two of them. */
  static placesFor(atLeast: number): number {
    return PLACES * 2 ** Math.ceil(Math.log2(Math.max(1, atLeast / PLACES)));
  }

  /** The place that is kept for this hash, or {@link NOWHERE}. */
  find(low: number, high: number): number {
    const row = this.#rowOf(high);
    for (let place = row; place < row + PLACES; place++) {
      // Reading without order is enough to pass by: who finds nothing looks again when it has a place of its own.
      if (this.#words[PLACE_INTS * place + TAG] === low && this.#isKeptFor(place, low)) return place;
    }
    return NOWHERE;
  }

  /** Whether the place that was found is over: what it held means nothing any more. */
  isOver(nowS: number): boolean {
    return secondsLeft(this.#mark, nowS) <= 0;
  }

  /** Keeps the place that was found at least until then; false if it was lost, or somebody else put it off just now. */
  keepUntil(place: number, untilS: number): boolean {
    const mark = this.#mark;
    if (secondsLeft(mark, untilS) >= 0) return true;
    this.#mark = markOf(untilS, mark, KEPT);
    return this.#swap(place, mark, this.#mark);
  }

  /** Whether the place that was found has belonged to the same key ever since. */
  isStillKept(place: number): boolean {
    return ((this.#markAt(place) ^ this.#mark) & (TURNS | PHASES)) === 0;
  }

  /** Takes a place in the row of this hash; nobody else touches it until it is published. */
  claim(high: number, nowS: number): number {
    const row = this.#rowOf(high);
    for (;;) {
      let [best, bestMark, bestLeft] = [NOWHERE, 0, Infinity];
      for (let place = row; place < row + PLACES && bestLeft > 0; place++) {
        const mark = this.#markAt(place);
        const phase = mark & PHASES;
        const left = phase === FREE ? 0 : Math.max(0, secondsLeft(mark, nowS));
        const isTaken = phase === WRITING || (phase === CONTENDING && left > 0);
        if (!isTaken && left < bestLeft) [best, bestMark, bestLeft] = [place, mark, left];
      }
      if (best === NOWHERE) return NOWHERE;
      this.secondsTaken = bestLeft;
      this.#mark = markOf(0, bestMark + ONE_TURN, WRITING);
      if (this.#swap(best, bestMark, this.#mark)) return best;
    }
  }

  /**
   * Makes the place that was claimed that of this hash, unless there is another one for it: `find` tells which.
   */
  publish(place: number, low: number, untilS: number): void {
    const contending = markOf(untilS, this.#mark, CONTENDING);
    Atomics.store(this.#words, PLACE_INTS * place + TAG, low);
    Atomics.store(this.#words, PLACE_INTS * place + MARK, contending);
    const row = place - (place % PLACES);
    for (let other = row; other < row + PLACES; other++) {
      if (other === place || this.#putOut(other, low)) continue;
      this.#swap(place, contending, markOf(0, contending, FREE));
      return;
    }
    this.#swap(place, contending, markOf(untilS, contending, KEPT));
  }

  /** Whether what is in `other` does not, or no longer, stand against keeping another place for this hash. */
  #putOut(other: number, low: number): boolean {
    while (Atomics.load(this.#words, PLACE_INTS * other + TAG) === low) {
      const mark = this.#markAt(other);
      const phase = mark & PHASES;
      if (phase === KEPT) return false;
      if (phase !== CONTENDING || this.#swap(other, mark, markOf(0, mark, FREE))) return true;
    }
    return true;
  }

  /** The tag was written before the mark, so after the mark it can be read without order. */
  #isKeptFor(place: number, low: number): boolean {
    const mark = this.#markAt(place);
    this.#mark = mark;
    return (mark & PHASES) === KEPT && this.#words[PLACE_INTS * place + TAG] === low;
  }

  #markAt(place: number): number {
    return Atomics.load(this.#words, PLACE_INTS * place + MARK);
  }

  #rowOf(high: number): number {
    return (high & this.#rowMask) * PLACES;
  }

  #swap(place: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, PLACE_INTS * place + MARK, from, to) === from;
  }
}

/** A word that tells whose it is, one of its state, and two for who uses the table: all of it in one cache line. */
export const PLACE_BYTES = 16;
const PLACE_INTS = PLACE_BYTES / 4;
const TAG = 0;
const MARK = 1;

/** Half of them are taken when the table is as full as it is made for, so hardly any row is full. */
const PLACES = 32;

// A mark has its phase in two bits, in three how often the place was taken, so that nobody changes it for another that it
// has become meanwhile, and above them the second until which it is kept, which wraps after four years.
const PHASES = 3;
const ONE_TURN = 4;
const TURNS = 28;
const UNTIL_SHIFT = 5;

const FREE = 0;
/** Somebody fills it. A thread that dies just then costs the table this one place. */
const WRITING = 1;
/** Filled; it is not settled whether it is the only one for its key. */
const CONTENDING = 2;
const KEPT = 3;

/** The longest that a place can be kept. */
export const LONGEST_S = 2 ** 26 - 1;

function markOf(untilS: number, turn: number, phase: number): number {
  return (untilS << UNTIL_SHIFT) | (turn & TURNS) | phase;
}

/** Until the second of the mark; negative after it. */
function secondsLeft(mark: number, nowS: number): number {
  return ((mark - (nowS << UNTIL_SHIFT)) | 0) >> UNTIL_SHIFT;
}
