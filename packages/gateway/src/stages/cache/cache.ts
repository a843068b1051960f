import type { CacheConfig } from '@turnpike/config';
import { collectBody } from '../../core/collect-body.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { CacheResult, Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import type { Clock } from '../../core/ports.ts';
import { refuse } from '../../core/problem.ts';
import type { Random } from '../../core/random.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { untilCancelled } from '../../core/until-cancelled.ts';
import { understanding, type Asking } from './asking.ts';
import { Fetch, type Begun, type Fetched, type RouteMemory } from './fetch.ts';
import { look, type Find, type Fitting } from './look.ts';
import { tellRecord } from './own-exchange.ts';
import { SearchRules } from './search-rules.ts';
import { serve } from './serve.ts';
import { addressOf } from './rules/address.ts';
import { appendCacheStatus, cacheStatusMember, type ForwardReason } from './rules/cache-status.ts';
import type { CacheOutcome } from './rules/cache-status.ts';
import { invalidatedTags, isSafe } from './rules/invalidation.ts';
import { isRefreshDue, useOf, useWhenPurged } from './rules/use.ts';
import { schemeOf } from '../../core/http/scheme.ts';

/** What the stage has to know of its route. */
export interface CachePlan {
  readonly id: string;
  readonly policies: { readonly authenticate: object | null; readonly timeoutMs: number | null };
}

/** What the stage works with. */
export interface CachePorts {
  /** Of a route, as this thread sees it. */
  readonly memoryOf: (route: string) => RouteMemory;
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  readonly random: Random;
  readonly decisions: DecisionsOf;
}

/** The body of a QUERY is part of its key, so it has to be there; larger ones are not for a cache. */
const MOST_QUERY_BYTES = 64 * 1024;
/** How often a request looks again after it has waited, before it asks itself. */
const MOST_LOOKS = 5;
/** From so many hits on a response is worth to be fetched before it is stale. */
const HOT_HITS = 10;

/**
 * Answers from memory what may be, and remembers what may be remembered (RFC 9111, as a shared cache).
 *
 * The service is asked in our own name, by one for all who want the same at the same time, in whichever thread; the others
 * follow what comes. What turns out not to be for all goes to the one who asked, and the others ask for themselves.
 */
export function cache(config: CacheConfig | null, route: CachePlan, ports: CachePorts): Wrapper | null {
  if (config === null) return null;
  const { clock, wheel, random } = ports;
  const memory = ports.memoryOf(route.id);
  const rules = new SearchRules();
  const understand = understanding(config, route.id, rules);
  const plan = {
    config,
    route: route.id,
    isIdentified: route.policies.authenticate !== null,
    timeoutMs: route.policies.timeoutMs,
  };
  const count = ports.decisions('cache');

  return (next) => {
    const fetchPorts = { memory, next, rules, clock, wheel };
    const fetch = (asking: Asking, begun: Begun): Promise<Fetched> =>
      new Fetch(plan, fetchPorts, asking, begun).run();

    async function forward(exchange: Exchange, reason: ForwardReason, detail = ''): Promise<Reply> {
      exchange.record.cache = 'pass';
      return withStatus(await next(exchange), { ...FORWARDED, reason }, detail);
    }

    /** What an unsafe request has changed is asked for again (RFC 9111 §4.4). */
    async function change(exchange: Exchange): Promise<Reply> {
      const reply = await forward(exchange, 'method');
      const address = addressOf(schemeOf(exchange), exchange.authority, exchange);
      const tags = reply.code === '' ? invalidatedTags(exchange.method, reply, address) : [];
      if (tags.length > 0) memory.purge(tags, 'hard');
      return reply;
    }

    async function answer(asking: Asking): Promise<Reply> {
      const { exchange, wishes } = asking;
      const arrivedAtMs = clock.epoch();
      let hasWaited = false;
      for (let looks = 0; looks < MOST_LOOKS; looks++) {
        const nowMs = clock.epoch();
        const find = look(memory, asking, nowMs);
        if (find.kind === 'pass') return forward(exchange, 'bypass', 'hit-for-miss');
        if (find.kind === 'stored') {
          const reply = fromMemory(asking, find, { nowMs, arrivedAtMs, hasWaited });
          if (reply !== null) return reply;
        }
        if (wishes.onlyIfCached) return notCached(exchange, find);
        if (find.kind === 'miss' && !isWorthIt(asking))
          return forward(exchange, missReason(find), 'min-uses');
        // A HEAD is answered from what a GET left, and leaves nothing.
        if (exchange.method === 'HEAD') {
          if (find.kind === 'stored') find.stored.release();
          return forward(exchange, missReason(find));
        }
        if (find.kind !== 'miss' && find.fill !== null) {
          const { fill } = find;
          if (find.kind === 'stored') find.stored.release();
          if (!config?.coalesce || wishes.noCache) return forward(exchange, missReason(find), 'busy');
          await untilCancelled(exchange, fill.settled(config.coalesceWaitMs));
          if (clock.epoch() - arrivedAtMs >= config.coalesceWaitMs)
            return forward(exchange, missReason(find), 'waited');
          hasWaited = true;
          continue;
        }
        if (find.kind === 'filling') continue;
        if (exchange.headers.has('range') && find.kind === 'miss') return forward(exchange, 'partial');
        const begun = begin(find);
        if (begun !== null) return ask(asking, begun, missReason(find));
      }
      return forward(exchange, 'miss', 'busy');
    }

    /** A reply from what is stored; null: the service has to be asked first. */
    function fromMemory(asking: Asking, { stored, key }: FoundStored, moment: Moment): Reply | null {
      const { exchange, wishes } = asking;
      const { nowMs, arrivedAtMs, hasWaited } = moment;
      const { head } = stored;
      const { freshness } = head;
      const outcome: CacheOutcome = {
        kind: 'hit',
        ttlMs: freshness.lifetimeMs - (nowMs - freshness.bornAtMs),
      };
      // Somebody asked after this one came: there is no newer answer.
      if (hasWaited && head.answeredAtMs >= arrivedAtMs) {
        return give(exchange, stored, { outcome: { ...COLLAPSED }, result: 'coalesced', nowMs });
      }
      const use = stored.isSoftPurged
        ? useWhenPurged(useOf(freshness, wishes, nowMs), freshness)
        : useOf(freshness, wishes, nowMs);
      if (use === 'validate') return null;
      if (use === 'refresh' || (use === 'fresh' && isNearlyOver(stored, nowMs))) refresh(asking, key);
      return give(exchange, stored, { outcome, result: use === 'fresh' ? 'hit' : 'stale', nowMs });
    }

    function isNearlyOver({ hits, head }: Fitting, nowMs: number): boolean {
      if (hits < HOT_HITS || config?.earlyRefresh !== true) return false;
      return isRefreshDue(head.freshness, nowMs, { fetchMs: head.fetchMs, chance: random.unit() });
    }

    /** Asks again while what is there is given out. One does that, for all threads. */
    function refresh(asking: Asking, key: string): void {
      const fill = memory.begin(key);
      if (fill === null) return;
      const stored = storedAt(key);
      fetch(asking, { key, fill, stored }).then(discard, ignore);
    }

    function storedAt(key: string): Fitting | null {
      const found = memory.find(key);
      const stored = found?.kind === 'filling' ? (found.stored as Fitting | null) : (found as Fitting | null);
      if (stored === null || stored.head.kind === 'response') return stored;
      (stored as Fitting).release();
      return null;
    }

    function begin(find: Extract<Find, { kind: 'miss' | 'stored' }>): Begun | null {
      const fill = memory.begin(find.key);
      const stored = find.kind === 'stored' ? find.stored : null;
      if (fill === null) stored?.release();
      return fill === null ? null : { key: find.key, fill, stored };
    }

    /** Asks the service, and gives the client what comes of it. */
    async function ask(asking: Asking, begun: Begun, reason: ForwardReason): Promise<Reply> {
      const { exchange } = asking;
      const fetching = fetch(asking, begun);
      let fetched: Fetched;
      try {
        fetched = await untilCancelled(exchange, fetching);
      } catch (error) {
        // Others may wait for what still comes.
        if (exchange.cancelled !== null) fetching.then(discard, ignore);
        throw error;
      }
      tellRecord(fetched.own, exchange);
      const nowMs = clock.epoch();
      if (fetched.kind === 'reply') {
        exchange.record.cache = 'miss';
        exchange.whenReplyEnded(() => fetched.own.end());
        return withStatus(fetched.reply, { ...FORWARDED, reason }, fetched.reason);
      }
      const { servable } = fetched;
      const { freshness } = servable.head;
      const ttlMs = freshness.lifetimeMs - (nowMs - freshness.bornAtMs);
      if (fetched.kind === 'stood-in') {
        const { status, detail } = fetched;
        const outcome: CacheOutcome = { ...FORWARDED, reason: 'stale', status, ttlMs };
        return give(exchange, servable, { outcome, result: 'stale', nowMs, detail });
      }
      const isValidated = fetched.how === 'validated';
      const outcome: CacheOutcome = {
        ...FORWARDED,
        reason,
        status: isValidated ? fetched.status : null,
        ttlMs,
        storing: 'stored',
      };
      return give(exchange, servable, { outcome, result: isValidated ? 'revalidated' : 'miss', nowMs });
    }

    function isWorthIt({ key }: Asking): boolean {
      return config === null || config.minUses === 1 || memory.seen(key) >= config.minUses;
    }

    async function withBody(exchange: Exchange): Promise<Reply> {
      const { bytes, body } = await collectBody(exchange, exchange.body, MOST_QUERY_BYTES);
      exchange.body = body;
      if (bytes === null) return forward(exchange, 'bypass', 'body');
      exchange.body = bytes;
      return answer(understand(exchange, bytes));
    }

    /** Changes nothing: what would be stored is remembered without its body, and hits on that are counted. */
    async function watch(exchange: Exchange): Promise<Reply> {
      const find = look(memory, understand(exchange, null), clock.epoch());
      if (find.kind === 'stored') {
        const use = useOf(find.stored.head.freshness, understand(exchange, null).wishes, clock.epoch());
        find.stored.release();
        if (use !== 'validate') count.reported('hit');
      }
      return next(exchange);
    }

    return (exchange) => {
      if (exchange.upgrade !== '') return next(exchange);
      if (config.mode === 'report') return watch(exchange);
      const { method, headers, body } = exchange;
      if (!isSafe(method)) return change(exchange);
      if (method === 'QUERY' && config.queryMethod) return withBody(exchange);
      if (method !== 'GET' && method !== 'HEAD') return forward(exchange, 'method');
      if (body !== null || headers.has('if-match') || headers.has('if-unmodified-since'))
        return forward(exchange, 'bypass', body === null ? 'condition' : 'body');
      const asking = understand(exchange, null);
      return asking.wishes.noStore ? forward(exchange, 'request', 'no-store') : answer(asking);
    };
  };
}

type FoundStored = Extract<Find, { kind: 'stored' }>;

/** When a request came, when it looks, and whether it has waited in between. */
interface Moment {
  readonly nowMs: number;
  readonly arrivedAtMs: number;
  readonly hasWaited: boolean;
}

/** How a response is given. */
interface Giving {
  readonly outcome: CacheOutcome;
  readonly result: CacheResult;
  readonly nowMs: number;
  readonly detail?: string;
}

const FORWARDED = {
  kind: 'forwarded',
  reason: 'miss',
  status: null,
  ttlMs: null,
  storing: 'not',
  waiting: 'alone',
} as const;
const COLLAPSED = { ...FORWARDED, waiting: 'collapsed' } as const;

function give(exchange: Exchange, servable: Parameters<typeof serve>[1], giving: Giving): Reply {
  const { outcome, result, nowMs, detail = '' } = giving;
  exchange.record.cache = result;
  return serve(exchange, servable, { outcome, detail, nowMs });
}

function missReason(find: Find): ForwardReason {
  if (find.kind === 'stored') return 'stale';
  return find.kind === 'miss' && find.isVariant ? 'vary-miss' : 'uri-miss';
}

function notCached(exchange: Exchange, find: Find): Reply {
  if (find.kind === 'stored') find.stored.release();
  exchange.record.cache = 'miss';
  return refuse(exchange, 'NOT_CACHED');
}

function withStatus(reply: Reply, outcome: CacheOutcome, detail: string): Reply {
  if (reply.tunnel !== null) return reply;
  const headers = reply.headers.share();
  appendCacheStatus(headers, cacheStatusMember(outcome, detail));
  return { ...reply, headers };
}

/** Nobody waits for it. */
function discard(fetched: Fetched): void {
  if (fetched.kind !== 'reply') {
    fetched.servable.release();
    return;
  }
  fetched.own.dropReply(fetched.reply);
  fetched.own.end();
}

/** What failed has failed for those who wait for it; nobody else has to know. */
function ignore(): void {}
