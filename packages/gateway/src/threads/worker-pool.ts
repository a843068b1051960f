import type { News } from '../core/desk.ts';
import type { Log } from '../core/ports.ts';
import { compileConsumers } from '../identity/consumers/compile-consumers.ts';
import { metricsBuffer } from '../observe/metric-memory.ts';
import type { LogLevels } from '../observe/log-levels.ts';
import type { ThreadSnapshot } from '../observe/series-book.ts';
import { needsPort, portsOf, withPorts, type ListenerPorts } from './listener-ports.ts';
import type { SnapshotData } from './protocol.ts';
import type { Farewell } from './retire.ts';
import type { ThreadHome } from './running-thread.ts';
import { Seat, type SeatView } from './seat.ts';
import type { SharedMemory } from './shared-memory.ts';

/** How a pool is set up. */
export interface PoolOptions {
  /** How many threads serve. */
  readonly threads: number;
  readonly home: ThreadHome;
  readonly log: Log;
  /** For {@link seatsFor} threads. */
  readonly shared: SharedMemory;
  /** Takes back what a thread that is gone had in hand there. */
  readonly release: (thread: number) => void;
  /** What threads should know when they start. */
  readonly news: () => readonly News[];
  /** Of the program log, for threads that start. */
  readonly logLevels: () => LogLevels;
  readonly onDeath: () => void;
}

/** What became of the wish to restart a thread. */
export type Restart =
  | { readonly kind: 'restarted'; readonly replacedBy: number }
  | { readonly kind: 'killed' }
  | { readonly kind: 'unknown' }
  /** Another restart is under way. */
  | { readonly kind: 'busy' };

/** One seat more than threads: while a thread drains, its replacement needs a number and memory of its own. */
export function seatsFor(threads: number): number {
  return threads + 1;
}

/** The data threads: all of them serve the same snapshot, and who dies is replaced. One call of `apply` or `restart` at a time. */
export class WorkerPool {
  readonly #seats: readonly Seat[];
  readonly #threads: number;
  readonly #log: Log;
  /** What a thread that starts now is to serve: during `apply` the new snapshot. */
  #target: SnapshotData = NOTHING;
  #ports: ListenerPorts = new Map();

  constructor({ threads, home, log, shared, release, news, logLevels, onDeath }: PoolOptions) {
    this.#threads = threads;
    this.#log = log;
    const ports = { home, log, release, onDeath, news, logLevels, target: () => this.#target };
    this.#seats = Array.from(
      { length: seatsFor(threads) },
      (_, thread) => new Seat({ thread, shared, metrics: metricsBuffer() }, ports),
    );
  }

  /** The real ports of the listeners. */
  get ports(): ListenerPorts {
    return this.#ports;
  }

  /** The snapshot that all threads have, or are getting. */
  get snapshot(): SnapshotData {
    return this.#target;
  }

  get views(): readonly SeatView[] {
    return this.#seats.filter(({ isFree }) => !isFree).map(({ view }) => view);
  }

  /** Of all seats, free ones too: what was counted there must not be forgotten. */
  get metrics(): readonly ThreadSnapshot[] {
    return this.#seats.map(({ number, metrics }) => ({ thread: String(number), buffer: metrics }));
  }

  /** Resolves when all threads are ready. Rejects, with none left, when one cannot start. */
  async start(snapshot: SnapshotData): Promise<void> {
    this.#target = snapshot;
    try {
      await this.#reach(this.#seats.slice(0, this.#threads), (seat) => seat.occupy());
    } catch (error) {
      await this.stop({ preStopMs: 0, drainMs: 0 });
      throw error;
    }
  }

  /**
   * Has all threads apply a snapshot. All or nothing: if one of them cannot, the others go back to the one before, and
   * this rejects with the reason of the first that could not.
   */
  async apply(snapshot: SnapshotData): Promise<void> {
    const before = this.#target;
    this.#target = withPorts(snapshot, this.#ports);
    try {
      const seats = this.#seats.filter(({ isOccupied }) => isOccupied);
      await this.#reach(seats, (seat) => seat.apply(this.#target));
    } catch (error) {
      await this.#rollBack(before);
      throw error;
    }
  }

  /** Replaces a thread without losing a request: its replacement serves before it goes, which it does in its own time. */
  async restart(number: number, farewell: Farewell): Promise<Restart> {
    const old = this.#seats[number];
    if (old === undefined || !old.isOccupied) return { kind: 'unknown' };
    const free = this.#seats.find(({ isFree }) => isFree);
    if (free === undefined) return { kind: 'busy' };
    await free.occupy();
    void old
      .vacate(farewell)
      .then((isCut) => this.#log.info('a data thread was restarted', { thread: number, isCut }))
      .catch((error: unknown) => this.#log.error('a data thread did not go', { thread: number, error }));
    return { kind: 'restarted', replacedBy: free.number };
  }

  /** Ends a thread in the middle of its work, as a drill: it is replaced like one that crashed. */
  kill(number: number): Restart {
    const seat = this.#seats[number];
    if (seat === undefined || !seat.isOccupied) return { kind: 'unknown' };
    seat.kill('it was killed on the admin API');
    return { kind: 'killed' };
  }

  /** Has all threads hear of something. */
  publish(news: News): void {
    for (const seat of this.#seats) seat.publish(news);
  }

  /** Has all threads open log files anew; tells whether nobody writes to the old ones any more. */
  async reopenLogs(): Promise<boolean> {
    const areWhole = await Promise.all(this.#seats.map((seat) => seat.reopenLogs()));
    return areWhole.every(Boolean);
  }

  /** Has all threads send what of their logs is at least that important. */
  setLogLevels(levels: LogLevels): void {
    for (const seat of this.#seats) seat.setLogLevels(levels);
  }

  /** Has all threads go; gives how many were cut in the middle of something. */
  async stop(farewell: Farewell): Promise<number> {
    const areCut = await Promise.all(this.#seats.map((seat) => seat.vacate(farewell)));
    return areCut.filter(Boolean).length;
  }

  /** Has seats reach the target: all at once, or after the first, when the others need the port that it gets. */
  async #reach(seats: readonly Seat[], step: (seat: Seat) => Promise<readonly number[]>): Promise<void> {
    const alone = needsPort(this.#target) ? 1 : 0;
    for (const seat of seats.slice(0, alone)) this.#settle(await step(seat));
    const [ports] = await everyone(seats.slice(alone).map(step));
    if (ports !== undefined) this.#settle(ports);
  }

  #settle(ports: readonly number[]): void {
    this.#ports = portsOf(this.#target, ports);
    this.#target = withPorts(this.#target, this.#ports);
  }

  /** A thread that cannot even go back is ended: its replacement starts with the snapshot before. */
  async #rollBack(before: SnapshotData): Promise<void> {
    this.#target = before;
    this.#ports = portsOf(
      before,
      before.listeners.map(({ address }) => address.port),
    );
    const goBack = async (seat: Seat): Promise<void> => {
      try {
        await seat.apply(before);
      } catch (error) {
        this.#log.error('a data thread could not go back to the configuration before', {
          thread: seat.number,
          error,
        });
        seat.kill('it could not go back to the configuration before');
      }
    };
    await Promise.all(this.#seats.filter(({ isOccupied }) => isOccupied).map(goBack));
  }
}

/** Waits for all of them, failed or not, and then rejects with the first failure: nothing goes on unseen. */
async function everyone<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Before the start. */
const NOTHING: SnapshotData = {
  revision: 0,
  listeners: [],
  services: [],
  zone: null,
  identityProviders: [],
  consumers: compileConsumers([]),
  stores: { redis: null, cache: { sizeBytes: 2 ** 20, warmStart: null }, database: null },
  selfProtection: true,
  hasExpressions: false,
  hasContracts: false,
  hasGraphql: false,
  plugins: [],
  documents: {},
  caches: new Map(),
  pems: new Map(),
  routes: new SharedArrayBuffer(0),
  unrouted: { securityHeaders: null },
  accessLog: [],
  traces: null,
  debugSecret: null,
};
