import type { OutlierDetectionConfig } from '@turnpike/config';
import { NO_PROBE, type FailureKind, type Probe } from '../../core/endpoint-health.ts';
import { ejector, type EjectorPorts } from './ejector.ts';
import type { EjectableEndpoint } from './health-memory.ts';

/**
 * Watches how requests to the endpoints of one service end, in one thread. Every request that `began` ends in exactly one of
 * the others; what `began` gave goes with it.
 */
export interface OutlierWatch {
  /** A request goes to the endpoint. */
  began(slot: number): Probe;
  /** It answered, though maybe with an error of the application. */
  succeeded(slot: number, probe: Probe): void;
  /** It failed by the endpoint's fault. */
  failed(slot: number, probe: Probe, kind: FailureKind): void;
  /** It says nothing of the endpoint: the client left, or we refused. */
  undecided(slot: number, probe: Probe): void;
}

/** How a service is watched. */
export interface OutlierWatchPlan {
  /** Null: not at all. */
  readonly rules: OutlierDetectionConfig | null;
  /** How long a request takes at most to show whether an endpoint is back. */
  readonly probeMs: number;
  readonly members: readonly EjectableEndpoint[];
}

/** What a watch works with. */
export interface OutlierWatchPorts extends EjectorPorts {
  readonly wheel: { readonly nowMs: number };
}

/**
 * Ejects an endpoint at once when so many requests in a row failed, whichever threads they came from. When its time is
 * over, one real request tries it, and all others stay away until that is answered: if it succeeds the endpoint is back,
 * with few requests at first; if it fails, the endpoint is out again, for longer.
 *
 * A success costs two reads of shared memory. Where no more may be ejected, every so many failures are a new reason to try:
 * looking at all siblings on each would make the outage of a large service dear.
 */
export function outlierWatch(plan: OutlierWatchPlan, ports: OutlierWatchPorts): OutlierWatch {
  const { rules, probeMs, members } = plan;
  if (rules === null) return UNWATCHED;
  const { memory, wheel } = ports;
  const { ejections } = memory;
  const { eject, ejectAgain } = ejector(rules, members, ports);

  return {
    began: (slot) => ejections.beginProbe(slot, wheel.nowMs, wheel.nowMs + probeMs),
    succeeded(slot, probe) {
      ejections.succeeded(slot);
      if (probe !== NO_PROBE && ejections.prove(slot, probe)) memory.warmUp(slot, wheel.nowMs);
    },
    failed(slot, probe, kind) {
      const inARow = ejections.failed(slot, kind);
      if (probe !== NO_PROBE) ejectAgain(slot, wheel.nowMs, probe);
      else if (inARow % rules.consecutiveFailures === 0) eject(slot, wheel.nowMs, 'consecutive-failures');
    },
    undecided(slot, probe) {
      if (probe !== NO_PROBE) ejections.release(slot, probe, wheel.nowMs);
    },
  };
}

/** Where detection is off. */
const UNWATCHED: OutlierWatch = {
  began: () => NO_PROBE,
  succeeded: () => {},
  failed: () => {},
  undecided: () => {},
};
