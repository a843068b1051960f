import type {
  CacheMemory,
  CachePurge,
  CacheUses,
  DecodeHead,
  Fill,
  OngoingFill,
  StoredResponse,
} from '../../core/cache-memory.ts';
import type { Clock } from '../../core/ports.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { CacheArea } from './area.ts';
import { CacheTable } from './cache-table.ts';
import { FillSteps, type FillState } from './fill-steps.ts';
import { FillWaits } from './fill-waits.ts';
import { forgetSeat, forgetting } from './forget-seat.ts';
import { Lookup, type Found } from './lookup.ts';
import { firstPins, knownPins, type Pins } from './pins.ts';
import { Responses } from './responses.ts';
import { SharedFill, type FillPorts } from './shared-fill.ts';
import { UseCounts } from './use-counts.ts';
import { Watches } from './watches.ts';

/** What a cache needs of its thread. */
export interface CachePorts<T> {
  /** The number of the thread; no two have the same at once. */
  readonly seat: number;
  readonly decodeHead: DecodeHead<T>;
  readonly clock: Clock;
  readonly wheel: TimingWheel;
}

/**
 * The cache in the memory that all threads share, as one of them sees it.
 *
 * What was found is remembered by the thread: the head as the stage wants it, and a small body as text. Such a hit looks at
 * two words of the shared memory, one that tells whether the entry is still the same and one that tells whether anything was
 * purged, and takes no lock.
 */
export class SharedCache<T> implements CacheMemory<T>, CachePurge, CacheUses {
  readonly #table: CacheTable;
  readonly #lookup: Lookup;
  readonly #responses: Responses<T>;
  readonly #waits: FillWaits;
  readonly #steps: FillSteps;
  readonly #uses: UseCounts;
  readonly #fillPorts: FillPorts<T>;

  /** Over memory from `CacheArea.allocate`; one object a thread. */
  constructor(buffer: SharedArrayBuffer, { seat, decodeHead, clock, wheel }: CachePorts<T>) {
    const table = new CacheTable(new CacheArea(buffer), { seat, clock, wheel });
    const pins = knownPins(table) ?? beginnersPins(table);
    const watches = new Watches(table.area, table.entries);
    const steps = new FillSteps(table);
    this.#table = table;
    this.#uses = new UseCounts(table.area);
    this.#steps = steps;
    this.#lookup = new Lookup(table, pins);
    this.#responses = new Responses({ table, pins, watches, decodeHead });
    this.#waits = new FillWaits(table.entries, watches, wheel);
    this.#fillPorts = { table, steps, share: (fill) => this.#share(fill) };
  }

  find(key: string): StoredResponse<T> | OngoingFill | null {
    const known = this.#responses.known(key);
    if (known !== undefined && this.#responses.isHit(known)) return known;
    const found = this.#table.run(this.#lookup.find, { key, knownStamp: known?.record.stamp ?? 0 });
    if (found === null) return null;
    const stored = found.record === null ? null : this.#responses.read(key, found.record, known);
    return found.filling === 0 ? stored : this.#ongoing(found, stored);
  }

  begin(key: string, since = this.#table.purges.number): Fill<T> | null {
    const beginning = { key, since };
    const entry = this.#table.run(this.#steps.begin, beginning) ?? 0;
    return entry === 0 ? null : new SharedFill(this.#fillPorts, beginning, entry);
  }

  remove(key: string): void {
    this.#table.must(this.#lookup.remove, key);
  }

  purge(tags: readonly string[], kind: 'hard' | 'soft'): void {
    this.#table.purges.purge(tags, kind);
  }

  seen(key: string): number {
    return this.#uses.seen(key);
  }

  #share({ key, entry }: FillState): StoredResponse<T> | null {
    const record = this.#table.run(this.#lookup.share, entry);
    return record === null ? null : this.#responses.read(key, record);
  }

  #ongoing({ filling, version }: Found, stored: StoredResponse<T> | null): OngoingFill {
    return {
      kind: 'filling',
      stored,
      settled: (patienceMs) => this.#waits.settled(filling, version, patienceMs),
    };
  }
}

/** For the first time in this thread: what there is under its number is of a thread before, of which nobody knows any more. */
function beginnersPins(table: CacheTable): Pins {
  const all = { from: 1, to: Infinity };
  if (!forgetSeat(table, table.seat)) table.must(forgetting(table, table.seat), all);
  return firstPins(table);
}
