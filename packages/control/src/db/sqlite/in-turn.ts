/** Gives something to one at a time, in the order in which they asked. */
export interface Turns {
  /** Resolves when it is one's turn. */
  next(): Promise<void>;
  /** Whoever had their turn is done. */
  done(): void;
}

/** Nobody has had a turn yet. */
export function inTurn(): Turns {
  const waiting: (() => void)[] = [];
  let isTaken = false;

  function done(): void {
    const first = waiting.shift();
    if (first === undefined) isTaken = false;
    else first();
  }

  async function next(): Promise<void> {
    if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
    isTaken = true;
  }

  return { next, done };
}
