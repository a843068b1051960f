import type { CacheConfig } from '@turnpike/config';
import { collectBody } from '../../core/collect-body.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import type { Clock } from '../../core/ports.ts';
import type { Random } from '../../core/random.ts';
import type { CacheSharing } from '../../core/shared-cache.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { answering, notCached, type AnswerPorts } from './answer.ts';
import { understanding } from './asking.ts';
import type { RouteMemory } from './fetch.ts';
import { forward } from './forward.ts';
import type { FetchPlan } from './judge.ts';
import { invalidatedTags, isSafe } from './rules/invalidation.ts';
import { SearchRules } from './search-rules.ts';
import { watching } from './watch.ts';

/** What the stage has to know of its route. */
export interface CachePlan {
  readonly id: string;
  readonly policies: { readonly authenticate: object | null; readonly timeoutMs: number | null };
}

/** What the stage works with. */
export interface CachePorts {
  /** Of a route, as this thread sees it. */
  readonly memoryOf: (route: string) => RouteMemory;
  /** What gateways share; null: nothing. */
  readonly sharing: CacheSharing | null;
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  readonly random: Random;
  readonly decisions: DecisionsOf;
}

/** The body of a QUERY is part of its key, so it has to be there; larger ones are not for a cache. */
const MOST_QUERY_BYTES = 64 * 1024;

/**
 * Answers from memory what may be, and remembers what may be remembered (RFC 9111, as a shared cache).
 *
 * The service is asked in our own name, by one for all who want the same at the same time, in whichever thread; the others
 * follow what comes. What turns out not to be for all goes to the one who asked, and the others ask for themselves.
 */
export function cache(config: CacheConfig | null, route: CachePlan, ports: CachePorts): Wrapper | null {
  if (config === null) return null;
  const memory = ports.memoryOf(route.id);
  const sharing = config.store === 'redis' ? ports.sharing : null;
  const purge = purging(memory, sharing);
  const { authenticate, timeoutMs } = route.policies;
  const plan: FetchPlan = { config, route: route.id, isIdentified: authenticate !== null, timeoutMs };
  const rules = new SearchRules();
  const understand = understanding(config, route.id, rules);

  return (next) => {
    const answerPorts: AnswerPorts = { ...ports, memory, shared: sharing?.cache ?? null, next, rules };
    const answer = answering(plan, answerPorts);

    /** What an unsafe request has changed is asked for again (RFC 9111 §4.4). */
    async function change(exchange: Exchange): Promise<Reply> {
      const reply = await forward(exchange, next, { reason: 'method' });
      const { address } = understand(exchange, null);
      const tags = reply.code === '' ? invalidatedTags(exchange.method, reply, address) : [];
      if (tags.length > 0) await purge(tags);
      return reply;
    }

    async function query(exchange: Exchange): Promise<Reply> {
      const { bytes, body } = await collectBody(exchange, exchange.body, MOST_QUERY_BYTES);
      exchange.body = bytes ?? body;
      if (bytes === null) return forward(exchange, next, { reason: 'bypass', detail: 'body' });
      return answer(understand(exchange, bytes));
    }

    const watch = watching(plan, { memory, clock: ports.clock, decisions: ports.decisions });

    return (exchange) => {
      const { method, headers, body } = exchange;
      if (exchange.upgrade !== '') return next(exchange);
      if (config.mode === 'report') return watch(understand(exchange, null), next);
      if (!isSafe(method)) return change(exchange);
      if (method === 'QUERY' && config.queryMethod) return query(exchange);
      if (method !== 'GET' && method !== 'HEAD') return forward(exchange, next, { reason: 'method' });
      if (body !== null) return forward(exchange, next, { reason: 'bypass', detail: 'body' });
      const asking = understand(exchange, null);
      const { noStore, onlyIfCached } = asking.wishes;
      // Whether something is still the same is for the service to say (RFC 9111 §4.3.2).
      if (headers.has('if-match') || headers.has('if-unmodified-since')) {
        if (onlyIfCached) return Promise.resolve(notCached(exchange));
        return forward(exchange, next, { reason: 'bypass', detail: 'condition' });
      }
      if (noStore && !onlyIfCached) return forward(exchange, next, { reason: 'request', detail: 'no-store' });
      return answer(asking);
    };
  };
}

/** What was changed is gone from this memory, and from that of all gateways, before its author hears that it is done. */
function purging(
  memory: RouteMemory,
  sharing: CacheSharing | null,
): (tags: readonly string[]) => Promise<void> | void {
  if (sharing === null) return (tags) => memory.purge(tags, 'hard');
  const fleet = sharing.fleetOf(memory);
  // Without the store it was done here, which is all that can be done; who asks it has told the log.
  return (tags) => fleet.purge(tags, 'hard').catch(() => {});
}
