import type { Priority, ServiceConfig } from '@turnpike/config';
import type { Gate } from '../core/admission.ts';
import { RANK } from '../core/priority.ts';
import { ServiceGate, type GatePorts } from './service-gate.ts';
import { ServiceVisit } from './visit.ts';

/** A service of a snapshot, with its line in the `ServiceLimits`. */
export interface GuardedService extends Pick<ServiceConfig, 'id' | 'concurrency'> {
  readonly limitSlot: number;
  readonly highestPriority: Priority;
}

/** A gate, and the line that it is about. */
interface Guarded {
  readonly slot: number;
  readonly gate: ServiceGate;
}

/** The gates of this thread. They outlive snapshots, and with them those who wait there. */
export class Gates {
  readonly #ports: GatePorts;
  #gates = new Map<string, Guarded>();

  constructor(ports: GatePorts) {
    this.#ports = ports;
  }

  /** Takes the services of a new snapshot. Who is inside or waits at a gate that is gone leaves it as usual. */
  apply(services: readonly GuardedService[]): void {
    const gates = new Map<string, Guarded>();
    for (const { id, concurrency, limitSlot: slot, highestPriority: highest } of services) {
      if (concurrency.kind === 'off') continue;
      const plan = { service: id, slot, limit: concurrency, highest };
      const known = this.#gates.get(id);
      const gate = known?.slot === slot ? known.gate : new ServiceGate(plan, this.#ports);
      gate.replan(plan);
      gates.set(id, { slot, gate });
    }
    this.#gates = gates;
  }

  /** What the exchanges of a route go through, or null: its service is not guarded. */
  of(service: string, route: { readonly id: string; readonly timeoutMs: number | null }): Gate | null {
    const known = this.#gates.get(service);
    if (known === undefined) return null;
    const { slot, gate } = known;
    const row = this.#ports.baselines.row(slot, service, route.id);
    const plan = { row, timeoutMs: route.timeoutMs };
    return { visit: (exchange, priority) => new ServiceVisit(exchange, RANK[priority], plan, gate) };
  }
}
