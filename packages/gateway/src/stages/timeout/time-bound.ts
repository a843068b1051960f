import type { Exchange } from '../../core/exchange.ts';
import { isEndless } from '../../core/http/endless.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';

/** Kept for the next exchanges of a thread; more are under way at once only where they take long anyway. */
const MOST_UNUSED = 1024;

const unusedOf = new WeakMap<TimingWheel, TimeBound[]>();

/** Those of a thread that bound nothing at the moment, for all its routes. */
export function unusedBounds(wheel: TimingWheel): TimeBound[] {
  const known = unusedOf.get(wheel);
  if (known !== undefined) return known;
  const unused: TimeBound[] = [];
  unusedOf.set(wheel, unused);
  return unused;
}

/**
 * The end of the time of one exchange, and then of another: the wheel finds it in the place where it is, so that bounding an
 * exchange takes two stores. What is answered is looked at only when the time is over, which it hardly ever is.
 */
export class TimeBound {
  readonly #wheel: TimingWheel;
  readonly #unused: TimeBound[];
  readonly #deadline: Deadline;
  readonly #over: () => void;
  #exchange: Exchange | null = null;
  #callersMs = Infinity;

  /** Puts itself among `unused` when its exchange is over. */
  constructor(wheel: TimingWheel, unused: TimeBound[]) {
    this.#wheel = wheel;
    this.#unused = unused;
    this.#deadline = new Deadline(() => this.#expired());
    this.#over = () => this.#end();
  }

  /** Bounds an exchange that has a deadline, part of which may be up to its caller. */
  begin(exchange: Exchange, callersMs: number): void {
    this.#exchange = exchange;
    this.#callersMs = callersMs;
    exchange.whenEnded(this.#over);
    this.#wheel.set(this.#deadline, exchange.deadlineAtMs - this.#wheel.nowMs);
  }

  #expired(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    const { reply } = exchange;
    if (reply !== null && reply.tunnel !== null) return;
    if (reply !== null && isEndless(reply)) exchange.deadlineAtMs = exchange.startedAtMs + this.#callersMs;
    const leftMs = exchange.deadlineAtMs - this.#wheel.nowMs;
    if (leftMs <= 0) exchange.cancel('DEADLINE_EXCEEDED');
    else if (leftMs < Infinity) this.#wheel.set(this.#deadline, leftMs);
  }

  #end(): void {
    this.#exchange = null;
    if (this.#unused.length < MOST_UNUSED) {
      this.#wheel.clear(this.#deadline);
      this.#unused.push(this);
    } else {
      this.#wheel.remove(this.#deadline);
    }
  }
}
