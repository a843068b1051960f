import type { Rollout } from '../domain/fleet.ts';
import { type Store, StoreUnavailable } from '../domain/store.ts';
import type { Clock } from '../domain/ports.ts';
import { aliveOf, type Member, selectedOf } from './selection.ts';

/** Which revision a gateway takes when that is the newest. */
export type Target = (head: number) => Promise<number>;

/** How often what was read is read again because the fleet was faster. */
const MOST_LOOKS = 5;

/**
 * The newest, unless a roll-out is under way: then what it sends to this gateway. Rejects like the store does, and then a gateway
 * stays as it is.
 *
 * The head is older than what is read of the roll-out here. Had a roll-out been taken back in between, its revision would
 * look like one for everybody; so a head that this might be is read again. What takes a roll-out back is committed before it ends.
 */
export function rolloutTarget(
  { fleet, revisions }: Pick<Store, 'fleet' | 'revisions'>,
  { self, clock }: { readonly self: Member; readonly clock: Clock },
): Target {
  return async (head) => {
    let newest = head;
    for (let look = 0; look < MOST_LOOKS; look++) {
      const [last] = (await fleet.rollouts({ limit: 1, after: null })).items;
      if (last === undefined) return newest;
      if (mayBeOld(last, newest)) {
        const again = await revisions.head();
        // It really is the newest: a roll-out that was to have this number was withdrawn, and another change got it.
        if (again === newest) return newest;
        newest = again;
      } else {
        if (last.state === 'completed' || last.state === 'rolled-back') return newest;
        const others = aliveOf(await fleet.nodes(), clock.epoch()).filter(({ id }) => id !== self.id);
        return targetOf(last, newest, firstOf(last, [self, ...others]).has(self.id));
      }
    }
    throw new StoreUnavailable('the fleet changes faster than this gateway can follow');
  };
}

function mayBeOld({ state, revision, base }: Rollout, head: number): boolean {
  return head < base || (state === 'rolled-back' && head === revision);
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
  // The head is older than what was read of the roll-out.
  return isSelf && revision <= head ? revision : Math.min(base, head);
}
