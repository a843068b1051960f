import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';
import type { Random } from '../../core/random.ts';
import { untilCancelled } from '../../core/until-cancelled.ts';
import { askForHead } from './ask-for-head.ts';
import type { Asking } from './asking.ts';
import { ALONE, PASS_MS, type Begun, type Fetched, type FetchPorts } from './fetch.ts';
import { forward, FORWARDED, withStatus, type Forwarding } from './forward.ts';
import type { FetchPlan } from './judge.ts';
import { fittingAt, look, type Find, type Fitting } from './look.ts';
import { tellRecord } from './own-exchange.ts';
import type { CacheOutcome, ForwardReason } from './rules/cache-status.ts';
import { mayShareAuthorised } from './rules/storable.ts';
import { responseDirectivesOf } from './rules/targeted.ts';
import { isRefreshDue, useOf, useWhenPurged } from './rules/use.ts';
import { fetch, type Copied } from './shared-fetch.ts';
import { serve, suffices, type Servable } from './serve.ts';

/** What is needed to answer. */
export interface AnswerPorts extends FetchPorts {
  readonly random: Random;
}

/** How often a request looks again at once, where it could neither wait nor begin, before it asks by itself. */
const MOST_TRIES = 5;
/** How often it waits for others, within its time. */
const MOST_WAITS = 50;
/** From so many hits on a response is worth to be fetched before it is stale. */
const HOT_HITS = 10;

/** Since what came was not stored, it is asked for again after so long as if it could be. */
const TRY_AGAIN_MS = 1000;
/** Who has one of these wants something else than what would be stored. */
const OWN_WISHES = ['range', 'if-range', 'if-none-match', 'if-modified-since'];
const PASSED_BY = { reason: 'bypass', detail: 'hit-for-miss' } as const;

/** Makes what answers GET, HEAD and QUERY on a route. */
export function answering(plan: FetchPlan, ports: AnswerPorts): (asking: Asking) => Promise<Reply> {
  return (asking) => new Answer(plan, ports, asking).give();
}

/** One request of a client on its way to an answer: from memory, from what another one is asking for, or from the service. */
class Answer {
  readonly #plan: FetchPlan;
  readonly #ports: AnswerPorts;
  readonly #asking: Asking;
  readonly #exchange: Exchange;
  readonly #next: Handler;
  readonly #arrivedAtMs: number;
  #nowMs: number;
  #hasWaited = false;
  /** Whether the service is being asked for this request. */
  #isAwaiting = false;
  /** Whether what is in memory came from what gateways share. */
  #isCopied = false;

  constructor(plan: FetchPlan, ports: AnswerPorts, asking: Asking) {
    this.#plan = plan;
    this.#ports = ports;
    this.#asking = asking;
    this.#exchange = asking.exchange;
    this.#next = ports.next;
    this.#arrivedAtMs = this.#nowMs = ports.clock.epoch();
  }

  /** Not a promise before there is something to wait for: a hit has nothing. */
  give(): Promise<Reply> {
    const find = look(this.#ports.memory, this.#asking, this.#nowMs);
    const hit = find.kind === 'stored' ? this.#fromMemory(find) : null;
    return hit === null ? this.#ask(find) : Promise.resolve(hit);
  }

  /** 1. What nobody may wait for. 2. What others are asking for. 3. What is asked for now. */
  async #ask(first: Find): Promise<Reply> {
    let find = first;
    for (let tries = 0, waits = 0; tries < MOST_TRIES && waits < MOST_WAITS;) {
      const without = this.#withoutCache(find);
      if (without !== null) return without;
      if ((find.kind === 'stored' || find.kind === 'filling') && find.fill !== null) {
        waits++;
        if (find.kind === 'stored') find.stored.release();
        const impatient = await this.#wait(find, find.fill);
        if (impatient !== null) return impatient;
      } else if (find.kind !== 'filling') {
        tries++;
        const begun = this.#begin(find);
        if (begun === null && find.kind === 'pass') return this.#forward(PASSED_BY);
        const reply = begun === null ? null : await this.#fetch(begun, reasonOf(find));
        if (reply !== null) return reply;
      }
      this.#nowMs = this.#ports.clock.epoch();
      find = look(this.#ports.memory, this.#asking, this.#nowMs);
      const reply = find.kind === 'stored' ? this.#fromMemory(find) : null;
      if (reply !== null) return reply;
    }
    if (find.kind === 'stored') find.stored.release();
    return this.#forward({ reason: reasonOf(find), detail: 'busy' });
  }

  // --- what the cache cannot help with -----------------------------------------------------------------------------

  #withoutCache(find: Find): Promise<Reply> | Reply | null {
    const { wishes, key } = this.#asking;
    const { config } = this.#plan;
    const { method, headers } = this.#exchange;
    if (wishes.onlyIfCached) return this.#refuse(find);
    if (find.kind === 'pass') return this.#mayTryAgain(find.untilMs) ? null : this.#forward(PASSED_BY);
    const reason = reasonOf(find);
    // A HEAD is answered from what a GET left, and leaves nothing.
    if (method === 'HEAD') return this.#askForHead(find, reason);
    if (find.kind === 'stored' && this.#isForeign(find.stored))
      return this.#leave(find, { reason, detail: 'authorization' });
    // Several parts in one answer cannot be stored, and how many a service gives is its business.
    const lacksBytes = find.kind === 'miss' || (find.kind === 'stored' && isPart(find.stored));
    if (lacksBytes && headers.get('range')?.includes(',') === true)
      return this.#leave(find, { reason: 'partial' });
    if (find.kind !== 'miss') return null;
    const isRare = config.minUses > 1 && this.#ports.memory.seen(key) < config.minUses;
    if (isRare) return this.#forward({ reason, detail: 'min-uses' });
    return headers.has('if-range') ? this.#forward({ reason: 'partial' }) : null;
  }

  #leave(find: Find, why: Forwarding): Promise<Reply> {
    if (find.kind === 'stored') find.stored.release();
    return this.#forward(why);
  }

  /**
   * What was not stored may be another time, or for others: by credentials, cookies or a range one could otherwise have it passed by for all.
   * One at a time asks for it as if nothing were known, and one in a while.
   */
  #mayTryAgain(untilMs: number): boolean {
    const { headers } = this.#exchange;
    if (this.#nowMs < untilMs - PASS_MS + TRY_AGAIN_MS || this.#exchange.method === 'HEAD') return false;
    return !this.#hasOwnCredentials() && !OWN_WISHES.some((name) => headers.has(name));
  }

  /** Credentials that the route does not know: the answer is for nobody else, unless it says so (RFC 9111 §3.5). */
  #hasOwnCredentials(): boolean {
    return !this.#plan.isIdentified && this.#exchange.headers.has('authorization');
  }

  /** Whether the answer to this request could not take the place of what is stored: then that stays for those to whom it can be given. */
  #isForeign({ head }: Fitting): boolean {
    if (this.#asking.wishes.noStore) return true;
    return (
      this.#hasOwnCredentials() && !mayShareAuthorised({ directives: responseDirectivesOf(head.headers) })
    );
  }

  #refuse(find: Find): Reply {
    if (find.kind === 'stored') find.stored.release();
    return notCached(this.#exchange);
  }

  #askForHead(find: Find, reason: ForwardReason): Promise<Reply> {
    if (find.kind !== 'stored') return this.#forward({ reason });
    return askForHead(this.#plan, this.#ports, { asking: this.#asking, ...find });
  }

  #forward(why: Forwarding): Promise<Reply> {
    return forward(this.#exchange, this.#next, why);
  }

  // --- what others are asking for ----------------------------------------------------------------------------------

  /** Waits until it is worth to look again; or goes on without the cache. */
  async #wait(find: Find, fill: { settled(patienceMs: number): Promise<void> }): Promise<Reply | null> {
    const { coalesce, coalesceWaitMs } = this.#plan.config;
    const reason = reasonOf(find);
    const leftMs = this.#arrivedAtMs + coalesceWaitMs - this.#nowMs;
    if (!coalesce || leftMs <= 0) return this.#forward({ reason, detail: coalesce ? 'waited' : 'busy' });
    await untilCancelled(this.#exchange, fill.settled(leftMs));
    this.#hasWaited = true;
    return null;
  }

  // --- what is in memory -------------------------------------------------------------------------------------------

  /** A reply from what is stored; null: the service has to be asked first, and it is still held. */
  #fromMemory({ stored, key }: FoundStored): Reply | null {
    const { head } = stored;
    const { freshness } = head;
    const ttlMs = freshness.lifetimeMs - (this.#nowMs - freshness.bornAtMs);
    if (this.#hasWaited && head.answeredAtMs >= this.#arrivedAtMs && suffices(this.#exchange, stored)) {
      // Somebody asked since this one came: there is no newer answer.
      return this.#serve(stored, { ...FORWARDED, ttlMs, waiting: 'collapsed' }, 'coalesced');
    }
    const wanted = useOf(freshness, this.#asking.wishes, this.#nowMs);
    const use = stored.isSoftPurged ? useWhenPurged(wanted, freshness) : wanted;
    if (use === 'validate' || !suffices(this.#exchange, stored)) return null;
    const isDue = use === 'refresh' || (use === 'fresh' && this.#isNearlyOver(stored));
    if (isDue && !this.#isForeign(stored)) this.#refresh(key);
    const detail = this.#isCopied ? 'shared' : '';
    return this.#serve(stored, { kind: 'hit', ttlMs }, use === 'fresh' ? 'hit' : 'stale', detail);
  }

  #isNearlyOver({ hits, head }: Fitting): boolean {
    if (hits < HOT_HITS || !this.#plan.config.earlyRefresh) return false;
    const { fetchMs, freshness } = head;
    return isRefreshDue(freshness, this.#nowMs, { fetchMs, chance: this.#ports.random.unit() });
  }

  /** Asks again while what is there is given out. One does that, for all threads. */
  #refresh(key: string): void {
    const { memory } = this.#ports;
    const fill = memory.begin(key);
    if (fill === null) return;
    const begun = { ...ALONE, key, fill, stored: fittingAt(memory, key), inform: ignore };
    fetch(this.#plan, this.#ports, { asking: this.#asking, begun }).then(discard, ignore);
  }

  // --- what is asked for -------------------------------------------------------------------------------------------

  #begin(find: Exclude<Find, { kind: 'filling' }>): Begun | null {
    const fill = this.#ports.memory.begin(find.key);
    const found = find.kind === 'stored' ? find.stored : null;
    if (fill === null) {
      found?.release();
      return null;
    }
    const { key } = find;
    const inform = this.#inform;
    if (found !== null && !isPart(found)) return { ...ALONE, key, fill, stored: found, inform };
    // Whoever wants a part of what it has, or else all of it, gets all of it.
    const { headers } = this.#exchange;
    const range = headers.has('if-range') ? null : (headers.get('range') ?? null);
    const others = (find.kind === 'miss' && range === null ? find.others : null) ?? [];
    return { key, fill, stored: null, part: found, others, range, isPassed: find.kind === 'pass', inform };
  }

  /** Only until there is an answer: later it would get into what comes after that. */
  readonly #inform: Exchange['inform'] = (status, headers) => {
    if (this.#isAwaiting && this.#exchange.cancelled === null) this.#exchange.inform(status, headers);
  };

  /** Null: it is in memory now. */
  async #fetch(begun: Begun, reason: ForwardReason): Promise<Reply | null> {
    const exchange = this.#exchange;
    this.#isAwaiting = true;
    const fetching = fetch(this.#plan, this.#ports, { asking: this.#asking, begun });
    let fetched: Fetched | Copied;
    try {
      fetched = await untilCancelled(exchange, fetching);
    } catch (error) {
      this.#isAwaiting = false;
      // Others may wait for what still comes.
      if (exchange.cancelled !== null) fetching.then(discard, ignore);
      throw error;
    }
    this.#isAwaiting = false;
    this.#isCopied = fetched.kind === 'copied';
    if (fetched.kind === 'copied') return null;
    tellRecord(fetched.own, exchange);
    this.#nowMs = this.#ports.clock.epoch();
    return this.#giveFetched(fetched, reason);
  }

  #giveFetched(fetched: Fetched, reason: ForwardReason): Reply {
    if (fetched.kind === 'reply') {
      const isPassed = reason === 'miss';
      const why = isPassed ? PASSED_BY : { reason, detail: fetched.reason };
      this.#exchange.record.cache = isPassed ? 'pass' : 'miss';
      this.#exchange.whenReplyEnded(fetched.over);
      return withStatus(fetched.reply, { ...FORWARDED, reason: why.reason }, why.detail);
    }
    const { servable } = fetched;
    const { lifetimeMs, bornAtMs } = servable.head.freshness;
    const ttlMs = lifetimeMs - (this.#nowMs - bornAtMs);
    if (fetched.kind === 'stood-in') {
      const { status, detail } = fetched;
      return this.#serve(servable, { ...FORWARDED, reason: 'stale', status, ttlMs }, 'stale', detail);
    }
    if (fetched.how === 'new')
      return this.#serve(servable, { ...FORWARDED, reason, ttlMs, storing: 'stored' }, 'miss');
    const { status, how } = fetched;
    const kept = how === 'once' ? null : ({ ttlMs, storing: 'stored' } as const);
    return this.#serve(servable, { ...FORWARDED, reason, status, ...kept }, 'revalidated');
  }

  #serve(
    servable: Servable,
    outcome: CacheOutcome,
    result: 'hit' | 'stale' | 'revalidated' | 'miss' | 'coalesced',
    detail = '',
  ): Reply {
    this.#exchange.record.cache = result;
    return serve(this.#exchange, servable, { outcome, detail, nowMs: this.#nowMs });
  }
}

/** Who wants nothing that the service would have to be asked for gets nothing (RFC 9111 §5.2.1.7). */
export function notCached(exchange: Exchange): Reply {
  exchange.record.cache = 'miss';
  return refuse(exchange, 'NOT_CACHED');
}

function isPart({ head }: Fitting): boolean {
  return head.status === 206;
}

type FoundStored = Extract<Find, { kind: 'stored' }>;

function reasonOf(find: Find): ForwardReason {
  if (find.kind === 'pass') return 'miss';
  if (find.kind === 'stored') return isPart(find.stored) ? 'partial' : 'stale';
  return find.kind === 'miss' && find.others !== null ? 'vary-miss' : 'uri-miss';
}

/** Nobody waits for it. */
function discard(fetched: Fetched | Copied): void {
  if (fetched.kind === 'copied') return;
  if (fetched.kind !== 'reply') {
    fetched.servable.release();
    return;
  }
  fetched.own.dropReply(fetched.reply);
  fetched.over();
}

/** What failed has failed for those who wait for it; nobody else has to know. */
function ignore(): void {}
