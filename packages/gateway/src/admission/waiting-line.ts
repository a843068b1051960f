/** Somebody in a line. In one line at most. */
export interface InLine<T> {
  next: T | null;
  previous: T | null;
}

/** A line that can be left from both ends and from the middle, all at once: linked through those who stand in it. */
export class WaitingLine<T extends InLine<T>> {
  /** Who came first, and who came last. */
  first: T | null = null;
  last: T | null = null;
  size = 0;

  push(entry: T): void {
    entry.previous = this.last;
    if (this.last === null) this.first = entry;
    else this.last.next = entry;
    this.last = entry;
    this.size++;
  }

  /** It must be in this line. */
  remove(entry: T): void {
    const { next, previous } = entry;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    entry.next = null;
    entry.previous = null;
    this.size--;
  }
}
