import type { SharedCache, SharedFind } from '../../core/shared-cache.ts';
import type { Asking } from './asking.ts';
import { decodeHead, encodeHead, type CachedHead } from './cached-head.ts';
import { Fetch, type Begun, type Fetched, type FetchPorts } from './fetch.ts';
import type { FetchPlan } from './judge.ts';
import { staleFrom } from './restored-head.ts';
import { sharingBegun, sharingMemory, type SharedFound } from './shared-fill.ts';

/** It is in memory now, from the shared store: look again. */
export interface Copied {
  readonly kind: 'copied';
}

const COPIED: Copied = { kind: 'copied' };

/** How long nobody else asks, on a route that has no time: who asked for longer has probably died. */
const LOCK_MS = 30_000;

/** What a look came to: it was copied, the service is to be asked, or it is to be asked as if nothing were shared. */
type Outcome = Copied | { readonly kind: 'ask'; readonly find: Known } | { readonly kind: 'alone' };

type Known = Exclude<SharedFind, { kind: 'unavailable' }>;

/** Gets what a fill is for: from what gateways share, if they do, else from the service; and then shares what it gets. */
export async function fetch(
  plan: FetchPlan,
  ports: FetchPorts,
  { asking, begun }: { readonly asking: Asking; readonly begun: Begun },
): Promise<Fetched | Copied> {
  const { shared, memory, clock } = ports;
  if (shared === null) return new Fetch(plan, ports, asking, begun).run();
  const lockMs = plan.timeoutMs ?? LOCK_MS;
  const patienceMs = plan.config.coalesce && !begun.isPassed ? plan.config.coalesceWaitMs : 0;
  const outcome = await new SharedLook(shared, ports, begun).run(patienceMs, lockMs);
  if (outcome.kind === 'copied') return outcome;
  if (outcome.kind === 'alone') return new Fetch(plan, ports, asking, begun).run();
  const { find } = outcome;
  const sharing = { shared, clock, asOf: find.asOf, lockMs, same: sameIn(find, begun) };
  const sharedPorts = { ...ports, memory: sharingMemory(memory, sharing) };
  return new Fetch(plan, sharedPorts, asking, sharingBegun(begun, sharing)).run();
}

/** One fill that looks into the shared store before it asks the service. */
class SharedLook {
  readonly #shared: SharedCache;
  readonly #clock: FetchPorts['clock'];
  readonly #begun: Begun;

  constructor(shared: SharedCache, { clock }: FetchPorts, begun: Begun) {
    this.#shared = shared;
    this.#clock = clock;
    this.#begun = begun;
  }

  /** 1. Looks. 2. Takes it on to ask, and looks once more, because another one may just have been ready. 3. Or waits for who asks. */
  async run(patienceMs: number, lockMs: number): Promise<Outcome> {
    const { key } = this.#begun;
    const endsAtMs = this.#clock.now() + patienceMs;
    for (;;) {
      const find = await this.#shared.get(key);
      const leftMs = endsAtMs - this.#clock.now();
      if (find.kind === 'unavailable' || leftMs <= 0 || this.#copies(find)) return this.#outcome(find);
      const [lock, again] = await Promise.all([this.#shared.lock(key, lockMs), this.#shared.get(key)]);
      if (lock === 'mine') return this.#withLock(again);
      await this.#shared.awaited(key, leftMs);
    }
  }

  #withLock(find: SharedFind): Outcome {
    const outcome = this.#outcome(find);
    if (outcome.kind !== 'ask') this.#shared.unlock(this.#begun.key);
    return outcome;
  }

  #outcome(find: SharedFind): Outcome {
    if (find.kind === 'unavailable') return { kind: 'alone' };
    if (!this.#copies(find)) return { kind: 'ask', find };
    this.#copy(find);
    return COPIED;
  }

  /** Whether it is better than what is in memory. */
  #copies(find: Known): find is SharedFound {
    if (find.kind !== 'found') return false;
    const { stored, range, isPassed } = this.#begun;
    const head = decodeHead(find.head);
    if (head.kind === 'response')
      return head.status !== 206 && (stored === null || head.answeredAtMs > stored.head.answeredAtMs);
    if (stored !== null) return false;
    return head.kind === 'variants' ? range === null : !isPassed && head.untilMs > this.#clock.epoch();
  }

  #copy(found: SharedFound): void {
    const { fill, stored, part } = this.#begun;
    const { body, tags } = found;
    const head = found.isSoftPurged ? encodeHead(purgedHead(found, this.#clock.epoch())) : found.head;
    stored?.release();
    part?.release();
    if (!fill.open({ head, length: body.length, tags, maxBytes: body.length })) return;
    if (body.length > 0 && !fill.write(body)) return;
    fill.commit();
  }
}

/** What was purged softly is stale from now on, as the memory has it that was purged itself. */
function purgedHead({ head: text }: SharedFound, nowMs: number): CachedHead {
  const head = decodeHead(text);
  return head.kind === 'response' ? staleFrom(head, nowMs) : { kind: 'pass', untilMs: 0 };
}

/** What the shared store has, if it is what is in memory. */
function sameIn(find: Known, { stored }: Begun): SharedFound | null {
  if (find.kind !== 'found' || stored === null) return null;
  const head = decodeHead(find.head);
  return head.kind === 'response' && head.answeredAtMs === stored.head.answeredAtMs ? find : null;
}
