import type { DecisionsOf } from '../../core/decisions.ts';
import type { Handler, Reply } from '../../core/exchange.ts';
import type { Clock } from '../../core/ports.ts';
import type { Asking } from './asking.ts';
import { encodeHead } from './cached-head.ts';
import { ALONE, type RouteMemory } from './fetch.ts';
import { judge, type FetchPlan } from './judge.ts';
import { look } from './look.ts';
import { placeFill } from './place-fill.ts';
import { useOf } from './rules/use.ts';

/** What watching needs. */
export interface WatchPorts {
  readonly memory: RouteMemory;
  readonly clock: Clock;
  readonly decisions: DecisionsOf;
}

/**
 * Report mode: changes no byte and asks for everything, and counts what would have been given from memory. For that it remembers the
 * heads of what would be kept, without their bodies.
 */
export function watching(
  plan: FetchPlan,
  { memory, clock, decisions }: WatchPorts,
): (asking: Asking, next: Handler) => Promise<Reply> {
  const count = decisions('cache');

  return async (asking, next) => {
    const { exchange, wishes } = asking;
    const isGet = exchange.method === 'GET' && exchange.body === null && !wishes.noStore;
    const askedAtMs = clock.epoch();
    const find = isGet ? look(memory, asking, askedAtMs) : null;
    if (find?.kind === 'stored') {
      find.stored.release();
      if (useOf(find.stored.head.freshness, wishes, askedAtMs) !== 'validate') {
        count.reported('hit');
        return next(exchange);
      }
    }
    const reply = await next(exchange);
    if (find?.kind !== 'stored' && find?.kind !== 'miss') return reply;
    const timing = { askedAtMs, answeredAtMs: clock.epoch() };
    const keepable = judge(plan, asking, reply, timing);
    const fill = typeof keepable === 'string' ? null : memory.begin(find.key);
    if (typeof keepable === 'string' || fill === null) return reply;
    const { head, whose, tags } = keepable;
    const begun = { ...ALONE, key: find.key, fill, inform: ignore };
    const placed = placeFill(memory, asking, { begun, headers: reply.headers, whose, tags });
    if (placed?.open({ head: encodeHead(head), length: 0, tags, maxBytes: 0 }) === true) placed.commit();
    return reply;
  };
}

/** Nothing is asked with this. */
function ignore(): void {}
