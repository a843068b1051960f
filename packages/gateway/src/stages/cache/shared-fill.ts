import type { Fill, FillPlan, StoredResponse } from '../../core/cache-memory.ts';
import type { Clock } from '../../core/ports.ts';
import { MOST_SHARED_BYTES, type SharedCache, type SharedFind } from '../../core/shared-cache.ts';
import { decodeHead, type CachedHead } from './cached-head.ts';
import type { Begun, RouteMemory } from './fetch.ts';
import type { Fitting } from './look.ts';

/** What was found in the shared store. */
export type SharedFound = Extract<SharedFind, { kind: 'found' }>;

/** What is shared of one question to the service. */
export interface SharingPlan {
  readonly shared: SharedCache;
  readonly clock: Clock;
  /** The number of the look before. */
  readonly asOf: number;
  /** How long nobody else asks. */
  readonly lockMs: number;
  /** The same as is in memory to be validated, if the shared store has it. */
  readonly same: SharedFound | null;
}

/** A marker tells how responses vary; it is written again when it is not there. */
const MARKER_MS = 86_400_000;

/** The memory, as one question to the service writes to it: what gets into it gets into the shared store as well. */
export function sharingMemory(memory: RouteMemory, plan: SharingPlan): RouteMemory {
  const { shared, lockMs } = plan;
  return {
    find: (key) => memory.find(key),
    begin(key, since) {
      const fill = memory.begin(key, since);
      if (fill === null) return null;
      // Before others hear of this place: so they wait for what comes.
      void shared.lock(key, lockMs);
      return new SharingFill(key, fill, plan);
    },
    remove(key) {
      memory.remove(key);
      shared.remove(key);
    },
    purge: (tags, kind) => memory.purge(tags, kind),
    seen: (key) => memory.seen(key),
  };
}

/** The same for the fill that was begun, and for what is validated. */
export function sharingBegun(begun: Begun, plan: SharingPlan): Begun {
  const { key, fill, stored } = begun;
  return {
    ...begun,
    fill: new SharingFill(key, fill, plan),
    stored: stored === null ? null : sharingStored(key, stored, plan),
  };
}

/** Of a response that turned out to be still the same, others get the new head, too. */
function sharingStored(key: string, stored: Fitting, plan: SharingPlan): Fitting {
  const { head, length, version, hits, isSoftPurged } = stored;
  return {
    kind: 'stored',
    head,
    length,
    version,
    hits,
    isSoftPurged,
    body: (from, to) => stored.body(from, to),
    release: () => stored.release(),
    replaceHead(text, since) {
      const { same } = plan;
      if (same !== null) put(key, { head: text, tags: same.tags, body: same.body }, plan);
      return stored.replaceHead(text, since);
    },
  };
}

/** Stores in memory and, once it is complete, for all. It lets go of the lock however it ends. */
class SharingFill implements Fill<CachedHead> {
  readonly since: bigint;
  readonly #key: string;
  readonly #fill: Fill<CachedHead>;
  readonly #plan: SharingPlan;
  #head: Pick<FillPlan, 'head' | 'tags'> | null = null;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(key: string, fill: Fill<CachedHead>, plan: SharingPlan) {
    this.since = fill.since;
    this.#key = key;
    this.#fill = fill;
    this.#plan = plan;
  }

  open(plan: FillPlan): boolean {
    const isOpen = this.#fill.open(plan);
    if (isOpen && plan.length <= MOST_SHARED_BYTES) this.#head = plan;
    else this.#letGo();
    return isOpen;
  }

  share(): StoredResponse<CachedHead> | null {
    return this.#fill.share();
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    if (this.#head !== null && this.#bytes <= MOST_SHARED_BYTES) this.#chunks.push(Buffer.from(chunk));
    else this.#letGo();
    const isOpen = this.#fill.write(chunk);
    if (!isOpen) this.#letGo();
    return isOpen;
  }

  commit(): void {
    this.#fill.commit();
    if (this.#head === null) return;
    put(this.#key, { ...this.#head, body: Buffer.concat(this.#chunks, this.#bytes) }, this.#plan);
    this.#forget();
  }

  abandon(): void {
    this.#fill.abandon();
    this.#letGo();
  }

  #letGo(): void {
    if (this.#isOver) return;
    this.#forget();
    this.#plan.shared.unlock(this.#key);
  }

  #isOver = false;

  #forget(): void {
    this.#isOver = true;
    this.#head = null;
    this.#chunks = [];
  }
}

function put(
  key: string,
  entry: Pick<FillPlan, 'head' | 'tags'> & { readonly body: Buffer },
  { shared, clock, asOf }: SharingPlan,
): void {
  const { head, tags, body } = entry;
  const keepMs = keepMsOf(decodeHead(head), clock.epoch());
  if (keepMs > 0) shared.put(key, { head, tags, body, asOf, keepMs });
  else shared.unlock(key);
}

/** For how long it may be given to anybody, fresh or stale. Parts are of no use to others. */
function keepMsOf(head: CachedHead, nowMs: number): number {
  if (head.kind === 'variants') return MARKER_MS;
  if (head.kind === 'pass') return head.untilMs - nowMs;
  if (head.status === 206) return 0;
  const { bornAtMs, lifetimeMs, staleWhileRevalidateMs, staleIfErrorMs } = head.freshness;
  return bornAtMs + lifetimeMs + Math.max(staleWhileRevalidateMs, staleIfErrorMs) - nowMs;
}
