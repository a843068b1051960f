import type { NodeReport } from '../domain/fleet.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Store } from '../domain/store.ts';
import { membership } from './membership.ts';
import { RolloutGuard } from './rollout-guard.ts';
import { rolloutTarget, type Target } from './rollout-target.ts';
import type { Member } from './selection.ts';

/** What a gateway in a fleet works with. */
export interface FleetMemberParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Who it is; the id is that of `nodeId`. */
  readonly self: Member & Pick<NodeReport, 'version' | 'startedAt'>;
  /** How it does, right now. */
  readonly describe: () => Omit<NodeReport, keyof Member | 'version' | 'startedAt'>;
}

/** A gateway among those that share its database. */
export interface FleetMember {
  /** Which revision it takes; for the follower, before anything else is started. */
  readonly target: Target;
  /** Begins to report, and to watch roll-outs. */
  start(): void;
  /** It serves another revision, or could not take one: the others should know soon. */
  changed(): void;
  /** Whether the others hear of it. */
  isHeard(): boolean;
  close(): Promise<void>;
}

/** All that a gateway does for its fleet and hears of it, but for following. */
export function fleetMember({ store, clock, log, self, describe }: FleetMemberParts): FleetMember {
  const reports = membership({
    fleet: store.fleet,
    clock,
    log,
    describe: () => ({ ...self, ...describe() }),
  });
  const guard = new RolloutGuard({ store, clock, log, name: self.name });
  return {
    target: rolloutTarget(store, { self, clock }),
    start() {
      reports.start();
      guard.start();
    },
    changed: () => reports.changed(),
    isHeard: () => reports.isHeard(),
    close: async () => {
      await Promise.all([reports.close(), guard.close()]);
    },
  };
}
