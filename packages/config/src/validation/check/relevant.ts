/** What a library says of one fault. */
export interface ToldFault {
  readonly keyword: string;
  readonly pointer: string;
}

/** Keywords that only say that something below them is wrong. */
const SUMMARIES: ReadonlySet<string> = new Set(['oneOf', 'anyOf', 'if']);

/**
 * The faults that matter: where there are alternatives, a library tells what is wrong by each of them. The deepest of its
 * faults come closest to what was meant; of several at one place the first is told.
 */
export function relevantFaults<T extends ToldFault>(faults: readonly T[]): T[] {
  const causes = faults.filter(({ keyword }) => !SUMMARIES.has(keyword));
  const deepest = causes.filter(
    ({ pointer }) => !causes.some((other) => other.pointer.startsWith(`${pointer}/`)),
  );
  const byPlace = new Map(deepest.toReversed().map((fault) => [fault.pointer, fault]));
  return byPlace.size === 0 ? faults.slice(0, 1) : [...byPlace.values()].toReversed();
}
