import { hostname } from 'node:os';
import type { FleetNode, NodeReport } from './domain/fleet.ts';
import type { Clock, Log } from './domain/ports.ts';
import type { Store } from './domain/store.ts';
import type { GatewayPort, MemberFigures } from './gateway-port.ts';
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
/** How often it looks how the others do. */
const LOOK_MS = 10_000;
/** Five reports that did not come. */
const SILENT_MS = 15_000;

/** What is known of the fleet as a whole. */
export interface FleetFigures {
  readonly newest: number;
  readonly members: MemberFigures;
  readonly rollout: 'none' | 'running' | 'paused';
}

/** This gateway as a member of the fleet: it says how it does, takes its part in roll-outs, and tells which keys are used. */
export class FleetDesk {
  readonly target: Target;
  readonly #parts: FleetParts;
  readonly #id: string;
  readonly #startedAt: number;
  #membership: Membership | null = null;
  #guard: RolloutGuard | null = null;
  #cancelTouch: () => void = () => {};
  #cancelLook: () => void = () => {};
  #figures: FleetFigures | null = null;
  #isClosed = false;

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
    this.#look();
  }

  /** As of the last look; null: there was none that was answered. */
  get figures(): FleetFigures | null {
    return this.#figures;
  }

  /** It serves another revision, or could not take one. */
  changed(): void {
    this.#membership?.changed();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTouch();
    this.#cancelLook();
    await this.#guard?.close();
    await this.#membership?.close();
  }

  #report({ load }: Pick<GatewayPort, 'load'>): NodeReport {
    const { zone, version, standing } = this.#parts;
    const [id, startedAt] = [this.#id, this.#startedAt];
    return { id, name: hostname(), zone, version, startedAt, ...standing(), load: load() };
  }

  /** Again and again; what a database that is away cannot say stays as it was known. */
  #look(): void {
    const { store, clock, log } = this.#parts;
    const { fleet, revisions } = store;
    Promise.all([fleet.nodes(), fleet.rollout(), revisions.head()])
      .then(([nodes, rollout, newest]) => {
        const state = rollout?.state === 'paused' ? 'paused' : rollout === null ? 'none' : 'running';
        this.#figures = { newest, rollout: state, members: membersOf(nodes, newest, clock.epoch()) };
      })
      .catch((error: unknown) => log.debug('nobody knows how the fleet does', { error }))
      .finally(() => {
        if (!this.#isClosed) this.#cancelLook = clock.after(LOOK_MS, () => this.#look());
      });
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

function membersOf(nodes: readonly FleetNode[], newest: number, now: number): MemberFigures {
  const counts = { current: 0, behind: 0, troubled: 0, silent: 0 };
  for (const { heartbeatAt, problem = '', quarantined, revision } of nodes) {
    if (now - heartbeatAt > SILENT_MS) counts.silent++;
    else if (problem !== '' || quarantined.length > 0) counts.troubled++;
    else if (revision < newest) counts.behind++;
    else counts.current++;
  }
  return counts;
}
