import type { CacheArea } from './area.ts';
import { WORD } from './header-words.ts';

/** So often the lock is looked at before a thread sleeps; what is done under it takes about a microsecond. */
const SPINS = 400;
const SLEEPS = 3;
const SLEEP_MS = 1;
const FREE = 0;
/** Its holder died, or failed, in the middle of a change. */
const BROKEN = -1;
const SEAT_BITS = 10;

/**
 * The one lock of a cache. Who cannot get it in about three milliseconds goes without: a request is never held up for long.
 *
 * A thread can end at any moment, and then it holds the lock for ever. So the word tells whose it is, and whoever looks after
 * threads breaks it open; the next holder puts the cache in order before anything else.
 */
export class AreaLock {
  readonly #words: Int32Array;
  readonly #owner: number;
  readonly #repair: () => void;
  #turn = 0;
  #mustRepair = false;
  /** The holder that did not let go when this thread last waited. Nobody waits for the same one twice. */
  #stuckAt = FREE;

  /** `seat` is below 1023, and nobody else's. `repair` is called with the lock in hand. */
  constructor(area: CacheArea, seat: number, repair: () => void) {
    this.#words = area.words;
    this.#owner = seat + 1;
    this.#repair = repair;
  }

  /** Does something that nobody may see half done, or gives null if the lock cannot be had. No callbacks in there. */
  run<A, R>(work: (argument: A) => R, argument: A): R | null {
    if (!this.#enter()) return null;
    let next = BROKEN;
    try {
      if (this.#mustRepair) this.#repair();
      this.#mustRepair = false;
      const result = work(argument);
      next = FREE;
      return result;
    } finally {
      this.#leave(next);
    }
  }

  /** Whoever sits in that seat is gone, with the lock or without. */
  breakOpen(seat: number): void {
    const holder = Atomics.load(this.#words, WORD.LOCK);
    if (holder <= FREE || (holder & (2 ** SEAT_BITS - 1)) !== seat + 1) return;
    Atomics.compareExchange(this.#words, WORD.LOCK, holder, BROKEN);
    Atomics.notify(this.#words, WORD.LOCK);
  }

  #enter(): boolean {
    const { LOCK } = WORD;
    this.#turn = (this.#turn + 1) & 0xfffff;
    const mine = (this.#turn << SEAT_BITS) | this.#owner;
    const holder = Atomics.compareExchange(this.#words, LOCK, FREE, mine);
    return holder === FREE || this.#contend(mine);
  }

  #contend(mine: number): boolean {
    for (let spin = 0; spin < SPINS; spin++) {
      const holder = Atomics.load(this.#words, WORD.LOCK);
      if (holder <= FREE ? this.#take(holder, mine) : holder === this.#stuckAt) return holder <= FREE;
    }
    for (let sleep = 0; sleep < SLEEPS; sleep++) {
      Atomics.store(this.#words, WORD.LOCK_AWAITED, 1);
      const holder = Atomics.load(this.#words, WORD.LOCK);
      if (holder <= FREE && this.#take(holder, mine)) return true;
      if (holder > FREE) Atomics.wait(this.#words, WORD.LOCK, holder, SLEEP_MS);
    }
    const holder = Atomics.load(this.#words, WORD.LOCK);
    if (holder <= FREE && this.#take(holder, mine)) return true;
    this.#stuckAt = holder;
    return false;
  }

  #take(from: number, mine: number): boolean {
    if (Atomics.compareExchange(this.#words, WORD.LOCK, from, mine) !== from) return false;
    this.#mustRepair = from === BROKEN;
    return true;
  }

  #leave(next: number): void {
    Atomics.store(this.#words, WORD.LOCK, next);
    if (Atomics.load(this.#words, WORD.LOCK_AWAITED) === 0) return;
    Atomics.store(this.#words, WORD.LOCK_AWAITED, 0);
    Atomics.notify(this.#words, WORD.LOCK);
  }
}
