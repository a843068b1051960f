import { Worker } from 'node:worker_threads';
import type { News } from '../core/desk.ts';
import type { LogLevels } from '../observe/log-levels.ts';
import type { LogEntry } from '../observe/process-log.ts';
import { outcomeOf, type RunErrand } from './desk-line.ts';
import type { FromThread, SnapshotData, ThreadStart, ToThread } from './protocol.ts';

/** A thread is not there any more, whatever was asked of it. */
export class ThreadGone extends Error {
  constructor(thread: number, cause: unknown) {
    super(`data thread ${thread} is gone`, { cause });
    this.name = 'ThreadGone';
  }
}

/** A thread could not apply a snapshot, and serves on with the one before. */
export class ApplyFailed extends Error {
  override readonly name = 'ApplyFailed';
}

/** How long a thread may be silent before it counts as hung and is ended. */
export interface Patience {
  readonly startMs: number;
  readonly applyMs: number;
  /** Longer than any task that a thread may do in one go. */
  readonly silenceMs: number;
}

/** Where a thread stands. */
export type ThreadState = 'starting' | 'ready' | 'draining' | 'gone';

/** Where a thread comes from, and where its log goes. */
export interface ThreadHome {
  /** The module that the thread runs. */
  readonly entry: URL;
  readonly patience: Patience;
  readonly writeLog: (entry: LogEntry) => void;
  readonly runErrand: RunErrand;
}

/** One data thread as the supervisor sees it, from its start to its end; it is never started again. */
export class RunningThread {
  readonly number: number;
  /** Resolves with the ports of the listeners; rejects with {@link ThreadGone}. */
  readonly ready: Promise<readonly number[]>;
  /** Resolves when the thread has ended, with what it died of, or `null`. */
  readonly exited: Promise<unknown>;
  readonly #worker: Worker;
  readonly #patience: Patience;
  readonly #writeLog: (entry: LogEntry) => void;
  readonly #runErrand: RunErrand;
  readonly #becomesReady = Promise.withResolvers<readonly number[]>();
  readonly #drained = Promise.withResolvers<boolean>();
  readonly #answers = new Map<number, PromiseWithResolvers<readonly number[]>>();
  #reopenings: PromiseWithResolvers<boolean>[] = [];
  #state: ThreadState = 'starting';
  #revision: number;
  #deathCause: unknown = null;
  #unanswered = 0;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(start: ThreadStart, { entry, patience, writeLog, runErrand }: ThreadHome) {
    this.number = start.thread;
    this.#revision = start.snapshot.revision;
    this.#patience = patience;
    this.#writeLog = writeLog;
    this.#runErrand = runErrand;
    this.ready = this.#becomesReady.promise;
    this.ready.catch(() => {}); // whoever waits is told; nobody has to wait
    this.#worker = new Worker(entry, { workerData: start, name: `data-${start.thread}` });
    this.#worker.on('message', (message: FromThread) => this.#take(message));
    this.#worker.on('error', (error) => (this.#deathCause ??= error));
    this.exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => resolve(this.#exit(code)));
    });
    const hung = setTimeout(() => this.terminate('it did not start in time'), patience.startMs);
    void this.ready.then(
      () => {
        clearTimeout(hung);
        this.#listenForHeartbeat();
      },
      () => clearTimeout(hung),
    );
  }

  get state(): ThreadState {
    return this.#state;
  }

  /** What it serves, or was given to start with. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Has the thread apply a snapshot; gives the ports. Rejects with {@link ApplyFailed}, or with {@link ThreadGone} when
   * it died or was ended because it did not answer.
   */
  async apply(snapshot: SnapshotData): Promise<readonly number[]> {
    await this.ready;
    if (this.#state === 'gone') throw new ThreadGone(this.number, this.#deathCause);
    const answer = Promise.withResolvers<readonly number[]>();
    this.#answers.set(snapshot.revision, answer);
    const hung = setTimeout(
      () => this.terminate('it did not answer to a new configuration in time'),
      this.#patience.applyMs,
    );
    try {
      this.#tell({ kind: 'apply', snapshot });
      const ports = await answer.promise;
      this.#revision = snapshot.revision;
      return ports;
    } finally {
      clearTimeout(hung);
      this.#answers.delete(snapshot.revision);
    }
  }

  /** It is about to go. Until it is closed it serves as before. */
  drain(): void {
    if (this.#state !== 'gone') this.#state = 'draining';
  }

  /** Has it stop; tells whether it finished what was under way. After that time it is going to be ended. */
  close(drainMs: number): Promise<boolean> {
    this.#tell({ kind: 'close', drainMs });
    return this.#drained.promise;
  }

  /** Has it open log files anew; tells whether nothing is written to the old ones any more. One that is gone writes nothing. */
  reopenLogs(): Promise<boolean> {
    if (this.#state === 'gone') return Promise.resolve(true);
    const reopened = Promise.withResolvers<boolean>();
    this.#reopenings.push(reopened);
    this.#tell({ kind: 'reopenLogs' });
    return reopened.promise;
  }

  /** Has it send what of its log is at least that important. */
  setLogLevels(levels: LogLevels): void {
    this.#tell({ kind: 'logLevels', levels });
  }

  /** Has it hear of something; a thread that is starting hears it when it has started. */
  publish(news: News): void {
    this.#tell({ kind: 'news', news });
  }

  /** Ends it now, wherever it is; `reason` is for those who wait. */
  terminate(reason: string): void {
    this.#deathCause ??= new Error(reason);
    void this.#worker.terminate();
  }

  /**
   * A thread that is caught in an endless loop serves nobody, though it is alive, and the kernel still gives it its share of
   * the connections. Pings are counted, not timed: when the main thread was busy itself, it hears the answers first.
   */
  #listenForHeartbeat(): void {
    const beat = (): void => {
      if (this.#unanswered++ >= MISSED_BEATS) this.terminate('it does not answer any more');
      else this.#tell({ kind: 'ping' });
    };
    this.#heartbeat = setInterval(beat, this.#patience.silenceMs / MISSED_BEATS);
  }

  #tell(message: ToThread): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not to a window
    if (this.#state !== 'gone') this.#worker.postMessage(message);
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case 'ready':
        if (this.#state === 'starting') this.#state = 'ready';
        this.#becomesReady.resolve(message.ports);
        break;
      case 'applied':
        this.#answers.get(message.revision)?.resolve(message.ports);
        break;
      case 'applyFailed':
        this.#answers.get(message.revision)?.reject(new ApplyFailed(message.message));
        break;
      case 'pong':
        this.#unanswered = 0;
        break;
      case 'logsReopened':
        this.#reopenings.shift()?.resolve(message.isWhole);
        break;
      case 'drained':
        this.#drained.resolve(true);
        break;
      case 'errand':
        void outcomeOf(message.errand, this.#runErrand).then((outcome) =>
          this.#tell({ kind: 'answer', errand: message.number, outcome }),
        );
        break;
      case 'log':
        this.#writeLog(message.entry);
        break;
      default:
        message satisfies never;
    }
  }

  #exit(code: number): unknown {
    this.#state = 'gone';
    clearInterval(this.#heartbeat);
    this.#deathCause ??= code === 0 ? null : new Error(`it exited with code ${code}`);
    const gone = new ThreadGone(this.number, this.#deathCause);
    this.#becomesReady.reject(gone);
    for (const answer of this.#answers.values()) answer.reject(gone);
    this.#drained.resolve(false);
    for (const reopening of this.#reopenings) reopening.resolve(true);
    return this.#deathCause;
  }
}

/** Pings in a row without an answer after which a thread counts as hung. */
const MISSED_BEATS = 3;
