import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { GatewayConfig } from '@turnpike/config';
import { createRedactor } from '@turnpike/config/load';
import {
  type CheckResults,
  type CheckStart,
  type CheckTask,
  type FromCheckThread,
  type ObjectNews,
  type PackedLoad,
  type ToCheckThread,
} from './check-protocol.ts';
import { afterNews } from './config-news.ts';
import type { ReadObjects } from './domain/documents.ts';
import type { JsonObject, StoredObject } from './domain/objects.ts';
import { CheckUnavailable, type Judgement, type Wish } from './domain/plan.ts';
import type { Clock, Log } from './domain/ports.ts';
import type { Steering } from './domain/quarantine.ts';
import { isSameVersion, nameOf } from './domain/sources.ts';
import type { Steered } from './domain/statuses.ts';
import type { Workspace } from './domain/callers.ts';

/** What a checker works with. */
export interface CheckerParts {
  /** The program of the thread. */
  readonly entry: URL;
  readonly start: CheckStart;
  readonly history: Steering['history'];
  readonly clock: Clock;
  readonly log: Log;
}

/** What is asked of it. */
export interface Judging {
  readonly now: readonly StoredObject[];
  readonly wishes: readonly Wish[];
  readonly workspaces: readonly Workspace[];
  readonly load: number;
  readonly takesExpired: boolean;
}

/** So many wait at once; who comes later is told to come again. */
const MOST_WAITING = 32;
/** Ten thousand objects take a second or two; what takes this long has lost its way. */
const LONGEST_MS = 60_000;
/** A thread that knows no objects gives its memory back. One that does is needed again: the first change must not wait for all of them. */
const IDLE_MS = 300_000;

interface Held {
  readonly config: GatewayConfig;
  readonly load: number;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Has changes checked in a thread of its own, so that health checks, metrics and heartbeats of this process go on. There is one, from the
 * first task on; one that dies or takes too long is replaced with the next, and its tasks fail.
 */
export class Checker {
  readonly #parts: CheckerParts;
  #worker: Worker | null = null;
  /** What the thread knows, by name. */
  #known = new Map<string, StoredObject>();
  /** The configuration that the thread told last. */
  #held: Held | null = null;
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;
  #cancelTimer = (): void => {};

  constructor(parts: CheckerParts) {
    this.#parts = parts;
  }

  /** What would come of wishes. Rejects with `CheckUnavailable`. */
  judge({ now, ...task }: Judging): Promise<Judgement> {
    return this.#run('judge', () => ({ kind: 'judge', objects: this.#newsOf(now), ...task }));
  }

  /** Files and objects, loaded. */
  async load(objects: readonly StoredObject[], load: number): Promise<Steered> {
    let held = null as Held | null;
    const found = await this.#run('load', () => {
      held = this.#held;
      return { kind: 'load', load, objects: this.#newsOf(objects), held: held?.load ?? null };
    });
    const steered = await unpacked(found, held);
    const { config } = steered.loaded;
    this.#held = config === null ? null : { config, load };
    await setImmediate(); // what comes of it takes its time as well
    return steered;
  }

  /** A text in YAML, which may take a second. */
  read(text: string): Promise<ReadObjects> {
    return this.#run('read', () => ({ kind: 'read', text }));
  }

  /** Text in YAML of a document that has thousands of entries. */
  write(document: JsonObject): Promise<string> {
    return this.#run('write', () => ({ kind: 'write', text: JSON.stringify(document) }));
  }

  async close(): Promise<void> {
    await this.#stop(new CheckUnavailable('the control plane is closed'));
  }

  #run<K extends CheckTask['kind']>(_kind: K, taskOf: () => CheckTask): Promise<CheckResults[K]> {
    if (this.#waiting.size >= MOST_WAITING)
      return Promise.reject(new CheckUnavailable('too many changes wait to be checked'));
    const worker = (this.#worker ??= this.#begin());
    const id = ++this.#count;
    const { promise, resolve, reject } = Promise.withResolvers<CheckResults[K]>();
    this.#waiting.set(id, { resolve, reject });
    tell(worker, { kind: 'task', id, task: taskOf() });
    if (this.#waiting.size === 1) this.#watch();
    return promise;
  }

  #begin(): Worker {
    const { entry, start, history, log } = this.#parts;
    const worker = new Worker(entry, { workerData: start, name: 'checks' });
    worker.unref();
    this.#known = new Map();
    this.#held = null;
    worker.on('message', (message: FromCheckThread) => {
      if (worker !== this.#worker) return;
      if (message.kind !== 'history') return this.#take(message);
      const { id, ref } = message;
      void history(ref).then((versions) => tell(worker, { kind: 'history', id, versions }));
    });
    worker.on('error', (error) => log.warn('the thread that checks changes has failed', { error }));
    worker.on('exit', () => {
      if (worker === this.#worker) void this.#stop(new CheckUnavailable('the check was broken off'));
    });
    return worker;
  }

  #take(message: Exclude<FromCheckThread, { readonly kind: 'history' }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    this.#watch();
    if (message.kind === 'done') waiting?.resolve(message.result as never);
    else waiting?.reject(new Error(message.message));
  }

  /** The one that is next has its time from now on; without any, the thread may go after a while. */
  #watch(): void {
    this.#cancelTimer();
    const isBusy = this.#waiting.size > 0;
    // A process that starts may have nothing else to live for than the first load.
    if (isBusy) this.#worker?.ref();
    else this.#worker?.unref();
    if (!isBusy && this.#known.size > 0) return;
    this.#cancelTimer = this.#parts.clock.after(isBusy ? LONGEST_MS : IDLE_MS, () => {
      if (isBusy) this.#parts.log.warn('a check of changes took too long', { afterMs: LONGEST_MS });
      void this.#stop(new CheckUnavailable('the check took too long'));
    });
  }

  async #stop(reason: CheckUnavailable): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#cancelTimer();
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(reason);
    await worker?.terminate();
  }

  /** What the thread does not know yet, and knows then. */
  #newsOf(objects: readonly StoredObject[]): ObjectNews {
    const next = new Map(objects.map((object) => [nameOf(object), object]));
    const put = objects.filter((object) => !isSameVersion(this.#known.get(nameOf(object)), object));
    const gone = [...this.#known.keys()].filter((name) => !next.has(name));
    this.#known = next;
    return { put, gone };
  }
}

function tell(worker: Worker, message: ToCheckThread): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not to a window
  worker.postMessage(message);
}

async function unpacked(
  { config, secrets, entries, exceptions, ...loaded }: PackedLoad,
  held: Held | null,
): Promise<Steered> {
  const sections = new Map(entries);
  const entriesIn = (section: string) => sections.get(section) ?? [];
  return {
    loaded: {
      ...loaded,
      config: config === null ? null : await afterNews(held?.config ?? null, config),
      secrets: createRedactor(secrets),
      inFiles: (section, name) => entriesIn(section).find((one) => one.name === name)?.origin ?? null,
      entriesIn,
    },
    exceptions: new Map(exceptions),
  };
}
