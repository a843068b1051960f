import { formatIssue } from '@turnpike/config';
import type { Readiness } from '../admin/admin-ports.ts';
import { systemClock } from '../core/ports.ts';
import { isUsedUp, type OpenFiles } from '../observe/open-files.ts';
import type { OfficeStatus } from './back-office.ts';
import type { Rescue } from './beginning.ts';
import { reloadView, type ReloadRecord } from './reload-result.ts';
import type { Revision } from './revisions.ts';
import type { StrainedSeat } from './strain-report.ts';

/** Where the life of the gateway is. */
export type Phase = 'starting' | 'serving' | 'stopping';

/** What a status is made of. */
export interface StatusParts {
  readonly phase: Phase;
  readonly version: string;
  readonly sources: readonly string[];
  readonly current: Revision | null;
  readonly lastReload: ReloadRecord | null;
  /** Not `null` for as long as the configuration is not mended. */
  readonly rescue: Rescue | null;
  readonly threads: readonly StrainedSeat[];
  readonly ports: ReadonlyMap<string, number>;
  /** Null: nobody knows. */
  readonly openFiles: OpenFiles | null;
  readonly office: OfficeStatus;
  /** What the control plane says of itself; null: there is none. */
  readonly control: object | null;
}

type ReadinessParts = Pick<StatusParts, 'phase' | 'threads' | 'openFiles'>;

/** Whether requests may be sent here. Depends on nothing outside of this process: a broken service is no reason. */
export function readiness({ phase, threads, openFiles }: ReadinessParts): Readiness {
  const reasons: string[] = [];
  if (phase === 'starting') reasons.push('starting');
  if (phase === 'stopping') reasons.push('draining');
  if (phase === 'serving' && threads.every(({ state }) => state !== 'ready'))
    reasons.push('no data thread is ready');
  if (openFiles !== null && isUsedUp(openFiles)) reasons.push('file descriptors are used up');
  return { isReady: reasons.length === 0, reasons };
}

/** The long answer of `/readyz?verbose`. */
export function statusView(parts: StatusParts): object {
  const { phase, version, sources, current, lastReload, rescue, threads, ports, office, control } = parts;
  return {
    version,
    phase,
    draining: phase === 'stopping',
    revision: current?.number ?? null,
    configuration: {
      state: rescue !== null ? 'last-known-good' : isStale(lastReload) ? 'stale' : 'current',
      sources,
      appliedAt: current === null ? null : new Date(current.appliedAt).toISOString(),
      ageSeconds: current === null ? null : Math.round((systemClock.epoch() - current.appliedAt) / 1000),
    },
    lastReload: reloadView(lastReload),
    lastKnownGood: rescue === null ? null : rescueView(rescue),
    threads,
    openFiles: parts.openFiles,
    listeners: (current?.config.listeners ?? []).map(({ id, address }) => ({
      id,
      host: address.host,
      port: ports.get(id) ?? null,
    })),
    ...office,
    control,
  };
}

/** What is on disk is newer than what is in use, but could not be used. */
function isStale(lastReload: ReloadRecord | null): boolean {
  return lastReload?.result.kind === 'rejected' || lastReload?.result.kind === 'failed';
}

function rescueView({ issues, ...rescue }: Rescue): object {
  return { ...rescue, count: issues.length, issues: issues.slice(0, SHOWN_ISSUES).map(formatIssue) };
}

const SHOWN_ISSUES = 10;
