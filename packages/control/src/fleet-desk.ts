import { hostname } from 'node:os';
import type { NodeReport } from './domain/fleet.ts';
import type { Clock, Log } from './domain/ports.ts';
import type { Store } from './domain/store.ts';
import type { GatewayPort } from './gateway-port.ts';
import { membership, type Membership } from './publish/membership.ts';
import { nodeId } from './publish/node-id.ts';
import { RolloutGuard } from './publish/rollout-guard.ts';
import { rolloutTarget, type Target } from './publish/rollout-target.ts';

/** What this gateway is in its fleet. */
export interface FleetParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly stateDirectory: string;
  readonly zone: string;
  readonly version: string;
  /** What it serves, and what of it does not fit. */
  readonly standing: () => Pick<NodeReport, 'revision' | 'quarantined' | 'problem'>;
}

const TOUCH_MS = 60_000;

/** This gateway as a member of the fleet: it says how it does, takes its part in roll-outs, and tells which keys are used. */
export class FleetDesk {
  readonly target: Target;
  readonly #parts: FleetParts;
  readonly #id: string;
  readonly #startedAt: number;
  #membership: Membership | null = null;
  #guard: RolloutGuard | null = null;
  #cancelTouch: () => void = () => {};

  private constructor(parts: FleetParts, id: string) {
    const { store, clock, zone } = parts;
    this.#parts = parts;
    this.#id = id;
    this.#startedAt = clock.epoch();
    this.target = rolloutTarget(store, { self: { id, zone, name: hostname() }, clock });
  }

  /** Its name is that of the state directory. */
  static async open(parts: FleetParts): Promise<FleetDesk> {
    const { stateDirectory, log } = parts;
    const id = await nodeId(stateDirectory, (error) =>
      log.warn('this gateway has a name in the fleet for this time only', { error }),
    );
    return new FleetDesk(parts, id);
  }

  /** From now on the others hear of it. */
  start(gateway: Pick<GatewayPort, 'load' | 'takeKeyUses'>): void {
    const { store, clock, log } = this.#parts;
    const describe = (): NodeReport => this.#report(gateway);
    this.#membership = membership({ fleet: store.fleet, clock, log, describe });
    this.#membership.start();
    this.#guard = new RolloutGuard({ store, clock, log, name: hostname() });
    this.#guard.start();
    this.#touchLater(gateway);
  }

  /** It serves another revision, or could not take one. */
  changed(): void {
    this.#membership?.changed();
  }

  async close(): Promise<void> {
    this.#cancelTouch();
    await this.#guard?.close();
    await this.#membership?.close();
  }

  #report({ load }: Pick<GatewayPort, 'load'>): NodeReport {
    const { zone, version, standing } = this.#parts;
    const [id, startedAt] = [this.#id, this.#startedAt];
    return { id, name: hostname(), zone, version, startedAt, ...standing(), load: load() };
  }

  #touchLater(gateway: Pick<GatewayPort, 'takeKeyUses'>): void {
    const { store, clock, log } = this.#parts;
    this.#cancelTouch = clock.after(TOUCH_MS, () => {
      this.#touchLater(gateway);
      const uses = gateway.takeKeyUses();
      if (uses.size === 0) return;
      store.keys.touch(uses).catch((error: unknown) => log.debug('uses of keys were not written', { error }));
    });
  }
}
