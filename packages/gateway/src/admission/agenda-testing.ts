/** Something that happens at a moment of simulated time. */
interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

/** For simulations: what is going to happen, as a heap with the next event at its root. */
export class Agenda {
  readonly #events: Event[] = [];

  add(atMs: number, run: () => void): void {
    const events = this.#events;
    let at = events.length;
    for (let parent = (at - 1) >> 1; at > 0 && this.#at(parent) > atMs; parent = (at - 1) >> 1) {
      events[at] = this.#event(parent);
      at = parent;
    }
    events[at] = { atMs, run };
  }

  /** Takes what comes next, or null when nothing does. */
  next(): Event | null {
    const [first] = this.#events;
    const last = this.#events.pop();
    if (first === undefined || last === undefined) return null;
    if (this.#events.length > 0) this.#sink(last);
    return first;
  }

  /** Finds the place of an event, from the root down. */
  #sink(event: Event): void {
    const events = this.#events;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < events.length && this.#at(child + 1) < this.#at(child)) child++;
      if (child >= events.length || this.#at(child) >= event.atMs) break;
      events[at] = this.#event(child);
      at = child;
    }
    events[at] = event;
  }

  #at(index: number): number {
    return this.#events[index]?.atMs ?? Infinity;
  }

  #event(index: number): Event {
    const event = this.#events[index];
    if (event === undefined) throw new RangeError(`There is no event ${index}`);
    return event;
  }
}
