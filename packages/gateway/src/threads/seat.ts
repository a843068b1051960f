import { setTimeout as delay } from 'node:timers/promises';
import type { News } from '../core/desk.ts';
import { systemClock, type Log } from '../core/ports.ts';
import { ThreadMetrics } from '../observe/metrics.ts';
import type { LogLevels } from '../observe/log-levels.ts';
import { PROVEN_AFTER_MS, restartDelayMs } from './backoff.ts';
import type { SnapshotData, ThreadStart } from './protocol.ts';
import { retire, type Farewell } from './retire.ts';
import { RunningThread, ThreadGone, type ThreadHome, type ThreadState } from './running-thread.ts';

/** What a seat needs of its pool. */
export interface SeatPorts {
  readonly home: ThreadHome;
  readonly log: Log;
  /** Takes back what a thread that is gone had in hand in the shared memory. */
  readonly release: (thread: number) => void;
  /** What a thread that starts now is to serve. */
  readonly target: () => SnapshotData;
  /** What a thread that starts now should know. */
  readonly news: () => readonly News[];
  /** Of the program log, for a thread that starts now. */
  readonly logLevels: () => LogLevels;
  /** Told of each thread that died and is going to be replaced. */
  readonly onDeath: () => void;
}

/** The number of a seat and the memory of whoever sits there. */
export type SeatMemory = Omit<ThreadStart, 'snapshot' | 'news' | 'logLevels'>;

/** A seat, for the admin API and the metrics. */
export interface SeatView {
  readonly thread: number;
  readonly state: ThreadState;
  readonly revision: number;
  /** Threads that died here. */
  readonly deaths: number;
  readonly aliveMs: number;
}

/** A thread, and a promise of the one that replaces it. */
interface Occupant {
  readonly thread: RunningThread;
  readonly successor: PromiseWithResolvers<RunningThread>;
  readonly sinceMs: number;
}

/**
 * A number, with the memory that belongs to it, and the thread that has it. Two threads never have it at once, because
 * they would write to the same memory.
 *
 * While it is occupied, a thread that dies is replaced.
 */
export class Seat {
  readonly number: number;
  readonly metrics: SharedArrayBuffer;
  readonly #memory: SeatMemory;
  readonly #ports: SeatPorts;
  #occupant: Occupant | null = null;
  #vacated: AbortController | null = null;
  #deaths = 0;

  constructor(memory: SeatMemory, ports: SeatPorts) {
    this.number = memory.thread;
    this.metrics = memory.metrics;
    this.#memory = memory;
    this.#ports = ports;
  }

  get isOccupied(): boolean {
    return this.#vacated !== null;
  }

  /** Nobody sits here, and nobody is still on the way out. */
  get isFree(): boolean {
    return this.#vacated === null && this.#occupant === null;
  }

  get view(): SeatView {
    const { thread, sinceMs } = this.#occupant ?? { thread: null, sinceMs: systemClock.now() };
    return {
      thread: this.number,
      state: thread?.state ?? 'gone',
      revision: thread?.revision ?? 0,
      deaths: this.#deaths,
      aliveMs: Math.round(systemClock.now() - sinceMs),
    };
  }

  /** Starts a thread, which is kept alive from then on; gives its ports. If it does not get ready, the seat is free again. */
  async occupy(): Promise<readonly number[]> {
    const vacated = new AbortController();
    this.#vacated = vacated;
    const occupant = this.#spawn();
    let ports: readonly number[];
    try {
      ports = await occupant.thread.ready;
    } catch (error) {
      await this.vacate({ preStopMs: 0, drainMs: 0 });
      throw error;
    }
    void this.#keep(occupant, vacated.signal).catch((error: unknown) =>
      this.#ports.log.error('a data thread is not looked after any more', { error, thread: this.number }),
    );
    return ports;
  }

  /**
   * Has the thread apply a snapshot that is the target of the pool already; gives the ports.
   *
   * If the thread dies meanwhile, its replacement answers for it, once: it begins with the target. If that dies as well,
   * the snapshot is to blame, and this rejects.
   */
  async apply(snapshot: SnapshotData): Promise<readonly number[]> {
    const occupant = this.#occupant;
    if (occupant === null) throw new ThreadGone(this.number, null);
    try {
      return await occupant.thread.apply(snapshot);
    } catch (error) {
      if (!(error instanceof ThreadGone)) throw error;
      const successor = await occupant.successor.promise;
      return successor.revision === snapshot.revision ? successor.ready : successor.apply(snapshot);
    }
  }

  publish(news: News): void {
    this.#occupant?.thread.publish(news);
  }

  reopenLogs(): Promise<boolean> {
    return this.#occupant?.thread.reopenLogs() ?? Promise.resolve(true);
  }

  setLogLevels(levels: LogLevels): void {
    this.#occupant?.thread.setLogLevels(levels);
  }

  /** Ends the thread now; another follows, unless the seat was vacated. */
  kill(reason: string): void {
    this.#occupant?.thread.terminate(reason);
  }

  /** Has the thread go for good; tells whether anything was cut. */
  async vacate(farewell: Farewell): Promise<boolean> {
    const occupant = this.#occupant;
    this.#vacated?.abort();
    this.#vacated = null;
    if (occupant === null) return false;
    const cut = await retire([occupant.thread], farewell);
    this.#free(occupant);
    // Opened once more for its side effect: gauges begin at 0, and what this thread had open is gone.
    void new ThreadMetrics(this.metrics);
    return cut > 0;
  }

  async #keep(first: Occupant, vacated: AbortSignal): Promise<void> {
    let occupant = first;
    let inARow = 0;
    for (;;) {
      const cause = await occupant.thread.exited;
      if (vacated.aborted) return;
      this.#ports.release(this.number);
      const aliveMs = systemClock.now() - occupant.sinceMs;
      inARow = aliveMs < PROVEN_AFTER_MS ? inARow + 1 : 1;
      this.#deaths++;
      this.#ports.onDeath();
      const delayMs = restartDelayMs(inARow);
      this.#ports.log.error('a data thread died and will be replaced', {
        thread: this.number,
        error: cause,
        aliveMs: Math.round(aliveMs),
        delayMs,
      });
      try {
        await delay(delayMs, undefined, { signal: vacated });
      } catch {
        this.#free(occupant); // vacated while nobody sat here
        return;
      }
      const dead = occupant;
      occupant = this.#spawn();
      dead.successor.resolve(occupant.thread);
    }
  }

  #spawn(): Occupant {
    const thread = new RunningThread(
      {
        ...this.#memory,
        snapshot: this.#ports.target(),
        news: this.#ports.news(),
        logLevels: this.#ports.logLevels(),
      },
      this.#ports.home,
    );
    const successor = Promise.withResolvers<RunningThread>();
    successor.promise.catch(() => {}); // only a reload waits for it
    this.#occupant = { thread, successor, sinceMs: systemClock.now() };
    return this.#occupant;
  }

  #free(occupant: Occupant): void {
    occupant.successor.reject(new ThreadGone(this.number, null));
    if (this.#occupant !== occupant) return;
    this.#ports.release(this.number);
    this.#occupant = null;
  }
}
