import type { Rollout } from '../domain/fleet.ts';
import type { Store } from '../domain/store.ts';
import type { Clock } from '../domain/ports.ts';
import { aliveOf, type Member, selectedOf } from './selection.ts';

/** Which revision a gateway takes when that is the newest. */
export type Target = (head: number) => Promise<number>;

/**
 * The newest, unless a roll-out is under way: then what it sends to this gateway. Rejects like the store does, and then a gateway
 * stays as it is.
 */
export function rolloutTarget(
  fleet: Pick<Store['fleet'], 'rollout' | 'nodes'>,
  { self, clock }: { readonly self: Member; readonly clock: Clock },
): Target {
  return async (head) => {
    const rollout = await fleet.rollout();
    if (rollout === null) return head;
    const others = aliveOf(await fleet.nodes(), clock.epoch()).filter(({ id }) => id !== self.id);
    return targetOf(rollout, head, firstOf(rollout, [self, ...others]).has(self.id));
  };
}

/** Ids of those who take the revision of a roll-out at the step where it is. */
export function firstOf(
  { steps, step, revision }: Pick<Rollout, 'steps' | 'step' | 'revision'>,
  fleet: readonly Member[],
): ReadonlySet<string> {
  // Those of earlier steps keep what they have, whatever the next step says.
  const reached = steps.slice(0, step + 1);
  return new Set(reached.flatMap((selection) => [...selectedOf(selection, fleet, revision)]));
}

function targetOf({ revision, base }: Rollout, head: number, isSelf: boolean): number {
  // The roll-out is announced before its revision is there.
  return isSelf && revision <= head ? revision : Math.min(base, head);
}
