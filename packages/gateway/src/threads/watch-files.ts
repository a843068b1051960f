import { type FSWatcher, watch } from 'chokidar';
import type { Log } from '../core/ports.ts';
import { contentDigests } from './content-digest.ts';
import { watchPoints } from './watch-points.ts';

/** Watches files and directories for changes of what is in them. */
export interface FileWatch {
  /**
   * Watches these absolute paths and no others, whether they exist or not; resolves when it does. Tells whether there are
   * new ones among them: what happened to those before this resolved was not seen.
   */
  update(paths: readonly string[]): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Calls `onChange` shortly after the content of a watched path has changed; a touch is no change. Sees files that are
 * replaced by renaming, and links that are turned to another target. Set `CHOKIDAR_USEPOLLING` where the file system has
 * no events.
 */
export function watchFiles(onChange: () => void, log: Log): FileWatch {
  return new ChokidarWatch(onChange, log);
}

class ChokidarWatch implements FileWatch {
  readonly #onChange: () => void;
  readonly #log: Log;
  #watcher: FSWatcher | null = null;
  #digests: ReadonlyMap<string, string> = new Map();
  #points: ReadonlySet<string> = new Set();
  /** Something came or went, which can take chokidar's watch with it: it must be set up anew. */
  #isStale = false;
  #firstEventMs = 0;
  #quiet: NodeJS.Timeout | undefined;
  #work: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(onChange: () => void, log: Log) {
    this.#onChange = onChange;
    this.#log = log;
  }

  update(paths: readonly string[]): Promise<boolean> {
    return this.#afterwards(async () => {
      const added = new Set(paths).difference(this.#digests);
      if (added.size === 0 && this.#digests.size === paths.length) return false;
      const old = this.#digests;
      this.#digests = new Map(paths.map((path) => [path, old.get(path) ?? '']));
      await this.#watch();
      const now = await contentDigests(added);
      this.#digests = new Map(paths.map((path) => [path, old.get(path) ?? now.get(path) ?? '']));
      return added.size > 0;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#quiet);
    await this.#work;
    await this.#watcher?.close();
  }

  #noticed(isStale: boolean): void {
    if (this.#isClosed) return;
    this.#isStale ||= isStale;
    const nowMs = performance.now();
    if (this.#quiet === undefined) this.#firstEventMs = nowMs;
    clearTimeout(this.#quiet);
    const leftMs = Math.max(0, this.#firstEventMs + LONGEST_UNREST_MS - nowMs);
    this.#quiet = setTimeout(
      () => {
        this.#quiet = undefined;
        this.#afterwards(() => this.#check()).catch((error: unknown) =>
          this.#log.error('watching the configuration failed', { error }),
        );
      },
      Math.min(QUIET_MS, leftMs),
    );
  }

  async #check(): Promise<void> {
    if (this.#isClosed) return;
    const points = await watchPoints(this.#digests.keys());
    if (this.#isStale || points.symmetricDifference(this.#points).size > 0) await this.#watch();
    const now = await contentDigests(this.#digests.keys());
    const isChanged = [...now].some(([path, digest]) => digest !== this.#digests.get(path));
    this.#digests = now;
    if (isChanged) this.#onChange();
  }

  async #watch(): Promise<void> {
    this.#isStale = false;
    this.#points = await watchPoints(this.#digests.keys());
    const old = this.#watcher;
    const watcher = watch([...this.#points], {
      ignoreInitial: true,
      followSymlinks: false, // the links are watched themselves, and what they lead to beside them
      depth: 0,
      atomic: false, // contents are compared anyhow, so there is no reason to wait
      ignorePermissionErrors: true,
    });
    watcher.on('error', (error) =>
      this.#log.warn('a file of the configuration cannot be watched', { error }),
    );
    watcher.on('all', (event) => this.#noticed(event !== 'change'));
    this.#watcher = watcher;
    await new Promise<void>((resolve) => watcher.once('ready', resolve));
    await old?.close();
  }

  #afterwards<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#work.then(job);
    this.#work = result.catch(() => {}); // the caller is told
    return result;
  }
}

/** Editors write in several steps: how long nothing must have happened. */
const QUIET_MS = 25;
/** Where something happens all the time, a change must not wait for ever. */
const LONGEST_UNREST_MS = 250;
