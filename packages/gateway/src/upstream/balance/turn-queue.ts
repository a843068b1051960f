import type { Random } from '../../core/random.ts';
import { NONE, type Run } from './candidates.ts';
import type { Fitness, Outlook } from './outlook.ts';

/** Those at the head of the queue that are looked at, before a walk over all is cheaper. */
const MAX_SKIPPED = 32;

/**
 * Turns among many: who is due first is next, and is due again after 1 / weight (earliest deadline first, a binary heap).
 *
 * As fair as smooth round robin over time, with longer runs of the heavier. It costs log N instead of N. Who cannot be picked
 * when it is due loses its turn, so that it does not get them all at once when it is back.
 */
export class TurnQueue {
  readonly #outlook: Outlook;
  readonly #from: number;
  /** Candidates; each before those at twice its place. */
  readonly #heap: Int32Array;
  /** By candidate, from the first of the run on. */
  readonly #dueAt: Float64Array;

  /** Begins in a random order, or all threads would begin alike. */
  constructor(outlook: Outlook, { from, to }: Run, random: Random) {
    this.#outlook = outlook;
    this.#from = from;
    this.#heap = Int32Array.from({ length: to - from }, (_, i) => from + i);
    this.#dueAt = Float64Array.from(this.#heap, (at) => random.unit() / outlook.weight(at));
    for (let place = this.#heap.length >> 1; place >= 0; place--) this.#sink(place);
  }

  /** The next that has that fitness, or {@link NONE} if it is none of those that are due soon. */
  next(fitness: Fitness): number {
    for (let skipped = 0; skipped < MAX_SKIPPED; skipped++) {
      const at = this.#heap[0] ?? NONE;
      const place = at - this.#from;
      this.#dueAt[place] = (this.#dueAt[place] ?? 0) + 1 / this.#outlook.weight(at);
      this.#sink(0);
      if (this.#outlook.fitness(at) === fitness) return at;
    }
    return NONE;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const at = heap[from] ?? NONE;
    const due = this.#due(at);
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#due(heap[child + 1] ?? NONE) < this.#due(heap[child] ?? NONE))
        child++;
      const other = heap[child] ?? NONE;
      if (this.#due(other) >= due) break;
      heap[place] = other;
      place = child;
    }
    heap[place] = at;
  }

  #due(at: number): number {
    return this.#dueAt[at - this.#from] ?? 0;
  }
}
