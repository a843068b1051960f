const TICK_MS = 20;
/** So late is a tick only when the thread could not do anything else either. */
const HELD_UP_MS = 3 * TICK_MS;
/** A power of two. One turn is 82 s; what is due later is looked at once a turn. */
const SLOTS = 4096;
const NOWHERE = -1;
/** A copy of one that is full of values costs a twentieth of making it. */
const NO_DEADLINES: readonly (Deadline | null)[] = Array.from({ length: SLOTS }, () => null);

/** Something that can time out: a place in the wheel that is kept for as long as its owner lives. */
export class Deadline {
  /** When it is due, in ms on the wheel's clock; Infinity while it is not set. */
  dueMs = Infinity;
  /** The tick at which the wheel looks at it, or -1. */
  tick = NOWHERE;
  next: Deadline | null = null;
  previous: Deadline | null = null;
  readonly expire: () => void;

  constructor(expire: () => void) {
    this.expire = expire;
  }
}

/**
 * One timer for everything that can time out on a thread (a hashed timing wheel).
 *
 * A request moves its deadline several times (head, answer, idle) and hardly ever reaches one. So moving it later is one
 * store: the wheel finds it in its old slot, sees that it is not due, and moves it on. Deadlines are late by at most two
 * ticks, never early.
 */
export class TimingWheel {
  /** Coarse time in ms: of the last tick or `touch`. */
  nowMs: number;
  readonly #clock: () => number;
  readonly #slots = NO_DEADLINES.slice();
  #nextTick: number;
  #advancedAtMs: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.nowMs = this.#advancedAtMs = clock();
    this.#nextTick = Math.floor(this.nowMs / TICK_MS);
  }

  /** Reads the clock: the exact time in ms. */
  touch(): number {
    this.nowMs = this.#clock();
    return this.nowMs;
  }

  /** Makes `deadline` expire `afterMs` from now, whatever was set before. */
  set(deadline: Deadline, afterMs: number): void {
    deadline.dueMs = this.nowMs + afterMs;
    if (deadline.tick === NOWHERE) {
      this.#link(deadline);
    } else if (deadline.dueMs < deadline.tick * TICK_MS) {
      this.#unlink(deadline);
      this.#link(deadline);
    }
  }

  /** It will not expire. Its place is given up when the wheel comes round. */
  clear(deadline: Deadline): void {
    deadline.dueMs = Infinity;
  }

  /** Gives the place up at once, so that the wheel does not hold the owner any longer. */
  remove(deadline: Deadline): void {
    deadline.dueMs = Infinity;
    if (deadline.tick !== NOWHERE) this.#unlink(deadline);
  }

  /** Expires what is due. To be called about every tick. */
  advance(): void {
    this.#advancedAtMs = this.touch();
    const last = Math.floor(this.nowMs / TICK_MS);
    // After a long pause one turn looks at every slot.
    this.#nextTick = Math.max(this.#nextTick, last - SLOTS + 1);
    while (this.#nextTick <= last) this.#look(this.#nextTick++);
  }

  /**
   * Advances by itself until the function that it gives is called.
   *
   * Timers come first in a turn of the event loop. When the thread was held up, that would be the verdict over all whose answers
   * wait to be read, and over their endpoints, for what was our delay: so these are read before anything expires.
   */
  start(): () => void {
    let afterReading: NodeJS.Immediate | undefined;
    const timer = setInterval(() => {
      if (this.touch() - this.#advancedAtMs < HELD_UP_MS) this.advance();
      else afterReading = setImmediate(() => this.advance());
    }, TICK_MS);
    timer.unref();
    return () => {
      clearInterval(timer);
      clearImmediate(afterReading);
    };
  }

  /** Empties one slot, head by head, because what expires may unset or move others of the same slot. */
  #look(tick: number): void {
    const slot = tick & (SLOTS - 1);
    for (let entry = this.#slots[slot] ?? null; entry !== null; entry = this.#slots[slot] ?? null) {
      this.#unlink(entry);
      if (entry.dueMs <= this.nowMs) {
        entry.dueMs = Infinity;
        entry.expire();
      } else if (entry.dueMs !== Infinity) {
        this.#link(entry);
      }
    }
  }

  #link(entry: Deadline): void {
    const tick = Math.ceil(entry.dueMs / TICK_MS);
    // One slot short of a turn: never the slot that is being emptied.
    entry.tick = Math.min(Math.max(tick, this.#nextTick), this.#nextTick + SLOTS - 2);
    const slot = entry.tick & (SLOTS - 1);
    const first = this.#slots[slot] ?? null;
    entry.next = first;
    if (first !== null) first.previous = entry;
    this.#slots[slot] = entry;
  }

  #unlink(entry: Deadline): void {
    const { next, previous } = entry;
    if (next !== null) next.previous = previous;
    if (previous !== null) previous.next = next;
    else this.#slots[entry.tick & (SLOTS - 1)] = next;
    entry.next = entry.previous = null;
    entry.tick = NOWHERE;
  }
}
