import type { BreakerState } from '../core/breaker-state.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { BreakerStates, BreakerView } from '../stages/circuit-breaker/breaker-states.ts';
import type { BreakableService } from '../stages/circuit-breaker/breakers.ts';

/** A change of a breaker. */
export interface BreakerChange {
  /** When, on the wall clock (RFC 3339). */
  readonly at: string;
  readonly state: BreakerState;
  readonly reason: string;
  /** How many changes before this one came and went between two looks. */
  readonly unseen: number;
}

/** What the history looks at. */
export interface HistoryPorts {
  readonly states: BreakerStates;
  /** Those of the configuration in use. */
  readonly services: () => readonly BreakableService[];
  readonly clock: Clock;
  readonly log: Log;
}

/** What was seen of one breaker. */
interface Seen {
  changes: number;
  readonly history: BreakerChange[];
}

/**
 * Remembers how breakers changed, and tells of it in the log. Threads do not tell: they may be many and busy, so the supervisor
 * looks at what they share from time to time.
 */
export class BreakerHistory {
  readonly #ports: HistoryPorts;
  #seen = new Map<string, Seen>();

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
  }

  /** Looks once a second, until the function that it gives is called. */
  start(): () => void {
    const timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    return () => clearInterval(timer);
  }

  /** The last changes of a service, the newest first. */
  of(service: string): readonly BreakerChange[] {
    return this.#seen.get(service)?.history ?? [];
  }

  look(): void {
    const seen = new Map<string, Seen>();
    for (const { id, circuitBreaker, limitSlot } of this.#ports.services()) {
      if (circuitBreaker === null) continue;
      const known = this.#seen.get(id) ?? { changes: 0, history: [] };
      seen.set(id, known);
      this.#lookAt(id, this.#ports.states.view(limitSlot), known);
    }
    this.#seen = seen;
  }

  #lookAt(service: string, view: BreakerView, seen: Seen): void {
    // A service that was away for long begins anew in another slot.
    if (view.changes < seen.changes) seen.changes = 0;
    if (view.changes === seen.changes) return;
    const { clock, log } = this.#ports;
    const at = new Date(clock.epoch() - clock.now() + view.changedAtMs).toISOString();
    const unseen = view.changes - seen.changes - 1;
    const change = { at, state: view.state, reason: reasonOf(view), unseen };
    seen.changes = view.changes;
    seen.history.unshift(change);
    seen.history.length = Math.min(seen.history.length, MOST_CHANGES);
    const fields = { service, ...change };
    if (view.state === 'open')
      log.warn('a circuit breaker opened: the service is not asked for a while', fields);
    else log.info('a circuit breaker changed', fields);
  }
}

const LOOK_EVERY_MS = 1000;
const MOST_CHANGES = 20;

function reasonOf({ state, cause }: BreakerView): string {
  if (state === 'closed') return 'the service answers again';
  if (state === 'half-open') return 'a few requests show how the service is';
  if (cause?.kind === 'probe-failed') return 'the service failed when it was tried';
  return `${cause?.failures} of ${cause?.requests} requests failed`;
}
