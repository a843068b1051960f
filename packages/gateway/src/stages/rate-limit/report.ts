import type { Taken } from '../../core/counters.ts';
import type { Decisions } from '../../core/decisions.ts';
import type { Use } from './use.ts';

/** Counts what limits would have refused; gives those uses that were taken, as far as that is known without waiting. */
export function report(uses: readonly Use[], decisions: Decisions): readonly Use[] {
  return uses.length === 0 ? uses : uses.filter((use) => isTaken(use, decisions));
}

function isTaken(use: Use, decisions: Decisions): boolean {
  const taken = use.counters.takeNow([use]);
  if (taken !== null) return count(use, taken, decisions);
  // Nobody waits for it: the exchange goes on meanwhile.
  use.counters.take([use]).then(
    (later) => count(use, later, decisions),
    () => decisions.failed('store'),
  );
  return true;
}

function count({ limit }: Use, [taken]: readonly Taken[], decisions: Decisions): boolean {
  if (taken?.isAllowed === true) return true;
  decisions.reported(limit.name);
  return false;
}
