import { UNKNOWN_LENGTH } from '../../core/body.ts';
import type { Fill, FillPlan, StoredResponse } from '../../core/cache-memory.ts';
import { BLOCK_BYTES, RUN_BLOCKS } from './area.ts';
import type { CacheTable } from './cache-table.ts';
import { blocksFor } from './chains.ts';
import { ENTRY } from './entry-words.ts';
import type { Beginning, FillState, FillSteps } from './fill-steps.ts';

/** What a fill needs of the cache that it fills. */
export interface FillPorts<T> {
  readonly table: CacheTable;
  readonly steps: FillSteps;
  /** Pins what is there so far. */
  share(fill: FillState): StoredResponse<T> | null;
}

/** A fill that this thread is busy with. Its bytes are copied without the lock, into runs that are its own. */
export class SharedFill<T> implements Fill<T> {
  readonly since: bigint;
  readonly #ports: FillPorts<T>;
  readonly #state: FillState;
  #plan: Omit<FillPlan, 'tags'> | null = null;
  #isOver = false;
  /** Where the next byte goes, and the end of its run. */
  #at = 0;
  #end = 0;

  constructor(ports: FillPorts<T>, { key, since }: Beginning, entry: number) {
    this.#ports = ports;
    this.since = since;
    this.#state = { key, entry, written: 0 };
  }

  open(plan: FillPlan): boolean {
    return this.openAs(plan, this.#ports.table.purges.digestsOf(plan.tags));
  }

  /** The same for tags of which only the digests are known. */
  openAs(plan: Omit<FillPlan, 'tags'>, digests: readonly number[]): boolean {
    const { table, steps } = this.#ports;
    if (this.#isOver || this.#plan !== null) return false;
    const isOpen = table.run(steps.open, { fill: this.#state, plan, digests }) ?? false;
    if (isOpen) this.#plan = plan;
    else this.abandon();
    return isOpen;
  }

  share(): StoredResponse<T> | null {
    return this.#isOver || this.#plan === null ? null : this.#ports.share(this.#state);
  }

  write(chunk: Uint8Array): boolean {
    const plan = this.#plan;
    if (this.#isOver || plan === null) return false;
    const bytes = this.#state.written + chunk.length;
    if (!this.#mayHave(bytes, plan) || !this.#copy(chunk)) {
      this.abandon();
      return false;
    }
    const { table } = this.#ports;
    const { entry } = this.#state;
    this.#state.written = bytes;
    Atomics.store(table.area.words, table.entries.at(entry) + ENTRY.WRITTEN, bytes);
    table.entries.signal(entry);
    return true;
  }

  commit(): void {
    if (this.#isOver) return;
    const { length } = this.#plan ?? { length: Infinity };
    if (length !== UNKNOWN_LENGTH && this.#state.written < length) {
      this.abandon();
      return;
    }
    this.#isOver = true;
    this.#ports.table.must(this.#ports.steps.commit, this.#state);
  }

  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ports.table.must(this.#ports.steps.abandon, this.#state);
  }

  #mayHave(bytes: number, { length, maxBytes }: Omit<FillPlan, 'tags'>): boolean {
    if (length !== UNKNOWN_LENGTH) return bytes <= length;
    const { table, steps } = this.#ports;
    if (bytes > maxBytes) return false;
    // Only what makes a new run necessary can have become too large.
    const isWithin = this.#at + bytes - this.#state.written <= this.#end;
    return isWithin || (table.run(steps.mayGrowTo, { entry: this.#state.entry, bytes }) ?? false);
  }

  #copy(chunk: Uint8Array): boolean {
    const { bytes } = this.#ports.table.area;
    for (let from = 0; from < chunk.length;) {
      if (this.#at === this.#end && !this.#extend(from, chunk.length)) return false;
      const count = Math.min(chunk.length - from, this.#end - this.#at);
      const piece = count === chunk.length ? chunk : chunk.subarray(from, from + count);
      bytes.set(piece, this.#at);
      this.#at += count;
      from += count;
    }
    return true;
  }

  /** Room for the rest of the chunk: for all of a body if its length is known, else for as much again as there is. */
  #extend(from: number, to: number): boolean {
    const { table, steps } = this.#ports;
    const { entry, written } = this.#state;
    const length = this.#plan?.length ?? UNKNOWN_LENGTH;
    const left = length === UNKNOWN_LENGTH ? Math.max(to - from, written) : length - written - from;
    const wanted = Math.min(blocksFor(left), RUN_BLOCKS);
    const run = table.run(steps.extend, { entry, wanted }) ?? 0;
    if (run === 0) return false;
    this.#at = table.runs.byteOf(run);
    this.#end = this.#at + table.runs.countOf(run) * BLOCK_BYTES;
    return true;
  }
}
