import type { CacheArea } from './area.ts';
import type { Entries } from './entries.ts';
import { ENTRY } from './entry-words.ts';

/** Hears that there may be something new, once. Whoever wants to hear more asks again. */
export interface Watcher {
  changed(entry: number): void;
}

/** Waits for entries that others change, in whichever thread; one wait for an entry, however many want to know. */
export class Watches {
  readonly #words: Int32Array;
  readonly #entries: Entries;
  readonly #watchers = new Map<number, Watcher[]>();

  constructor(area: CacheArea, entries: Entries) {
    this.#words = area.words;
    this.#entries = entries;
  }

  /** To be asked before one looks whether there is anything to wait for. */
  signalOf(entry: number): number {
    return Atomics.load(this.#words, this.#entries.at(entry) + ENTRY.SIGNAL);
  }

  /** Tells `watcher`, never before this returns, when something has changed since `signal`. */
  watch(entry: number, signal: number, watcher: Watcher): void {
    const watchers = this.#watchers.get(entry);
    if (watchers !== undefined) {
      watchers.push(watcher);
      return;
    }
    this.#watchers.set(entry, [watcher]);
    const at = this.#entries.at(entry);
    Atomics.store(this.#words, at + ENTRY.AWAITED, 1);
    const wait = Atomics.waitAsync(this.#words, at + ENTRY.SIGNAL, signal);
    const tell = (): void => this.#tell(entry);
    if (wait.async) void wait.value.then(tell);
    else queueMicrotask(tell);
  }

  #tell(entry: number): void {
    const watchers = this.#watchers.get(entry) ?? [];
    this.#watchers.delete(entry);
    for (const watcher of watchers) watcher.changed(entry);
  }
}
