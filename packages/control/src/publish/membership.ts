import type { NodeReport } from '../domain/fleet.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Store } from '../domain/store.ts';

/** What a member of the fleet works with. */
export interface MembershipParts {
  readonly fleet: Pick<Store['fleet'], 'report' | 'forget'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How this gateway does, right now. */
  readonly describe: () => NodeReport;
}

const REPORT_MS = 3000;
const FORGET_MS = 600_000;
/** How often the old ones are looked for. */
const SWEEP_MS = 60_000;

/** Says to the others, through the database, that this gateway is there and how it does. */
export interface Membership {
  /** Says so at once, and then every three seconds. */
  start(): void;
  /** Something has changed that the others should know soon. */
  changed(): void;
  /** Whether the last report came through. */
  isHeard(): boolean;
  close(): Promise<void>;
}

/** Nothing of this ever stops a gateway: a report that cannot be written is forgotten, the next one says more. */
export function membership({ fleet, clock, log, describe }: MembershipParts): Membership {
  let cancel: (() => void) | null = null;
  let reporting: Promise<void> | null = null;
  let isWanted = false;
  let isClosed = false;
  let isHeard = false;
  let sweptAt = Number.NEGATIVE_INFINITY;

  async function report(): Promise<void> {
    try {
      await fleet.report(describe());
      isHeard = true;
      await sweep();
    } catch (error) {
      if (isHeard) log.debug('the fleet does not hear of this gateway', { error });
      isHeard = false;
    }
  }

  async function sweep(): Promise<void> {
    const now = clock.epoch();
    if (now - sweptAt < SWEEP_MS) return;
    sweptAt = now;
    await fleet.forget(now - FORGET_MS);
  }

  function tell(): void {
    if (isClosed) return;
    cancel?.();
    if (reporting !== null) {
      isWanted = true;
      return;
    }
    reporting = report().finally(() => {
      reporting = null;
      if (isClosed) return;
      if (isWanted) {
        isWanted = false;
        tell();
      } else cancel = clock.after(REPORT_MS, tell);
    });
  }

  return {
    start: tell,
    changed: tell,
    isHeard: () => isHeard,
    async close() {
      isClosed = true;
      cancel?.();
      await reporting;
    },
  };
}
