import type { Counters } from '../../core/counters.ts';
import { GatewayError } from '../../core/errors.ts';
import type { LimitCounters } from './limit.ts';
import { areTaken, note, type Use } from './use.ts';

/** Takes what limits charge an exchange, from all of them or from none, and notes what came of each. */
export interface Taker {
  /** The uses that were asked for. Null: it cannot be said without waiting, and nothing was taken. */
  takeNow(uses: readonly Use[]): readonly Use[] | null;
  /** The same, and waits for it. Null: the store of a limit failed that refuses then. */
  take(uses: readonly Use[]): Promise<readonly Use[] | null>;
}

/** Takes from this process alone, which can always be said at once. */
export function localTaker({ local }: Pick<LimitCounters, 'local'>): Taker {
  const takeNow = (uses: readonly Use[]): readonly Use[] => taken(local, uses);
  return { takeNow, take: (uses) => Promise.resolve(takeNow(uses)) };
}

/**
 * Takes from this process first, because that is quick and can be given back, and then from Redis. When Redis fails, each
 * limit that counts there goes on as it says: in this process, not at all, or by refusing.
 */
export function sharedTaker({ local, redis }: LimitCounters, whenFailed: () => void): Taker {
  /** Null: Redis does not answer. */
  async function askRedis(uses: readonly Use[]): Promise<readonly Use[] | null> {
    if (redis === null) return null;
    try {
      note(uses, await redis.take(uses));
      return uses;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'COUNTERS_UNAVAILABLE') return null;
      throw error;
    }
  }

  /** Null: nothing may be taken now. */
  function withoutRedis(uses: readonly Use[]): readonly Use[] | null {
    whenFailed();
    if (uses.some(({ limit }) => limit.whenStoreFails === 'deny')) return null;
    const counted = uses.filter(({ limit }) => limit.whenStoreFails === 'local');
    return taken(
      local,
      counted.map((use) => ({ ...use, limiter: use.limit.ownLimiter, counters: local })),
    );
  }

  return {
    takeNow(uses) {
      const own = taken(local, uses.filter(isOwn));
      const shared = uses.filter((use) => !isOwn(use));
      if (shared.length === 0 || !areTaken(own)) return own;
      const answers = redis?.takeNow(shared) ?? null;
      if (answers === null) return giveBack(own, null);
      note(shared, answers);
      return together(own, shared);
    },
    async take(uses) {
      const own = taken(local, uses.filter(isOwn));
      if (!areTaken(own)) return own;
      const shared = uses.filter((use) => !isOwn(use));
      const asked = (await askRedis(shared)) ?? withoutRedis(shared);
      return asked === null ? giveBack(own, null) : together(own, asked);
    },
  };
}

function taken(local: Counters, uses: readonly Use[]): readonly Use[] {
  if (uses.length > 0) note(uses, local.takeNow(uses) ?? []);
  return uses;
}

function isOwn({ limit }: Use): boolean {
  return limit.store === 'local';
}

/** What was taken here counts only if the others have room too. */
function together(own: readonly Use[], shared: readonly Use[]): readonly Use[] {
  return [...(areTaken(shared) ? own : giveBack(own, own.map(returned))), ...shared];
}

/** Gives back what was taken, because of `result`. */
function giveBack<Result>(uses: readonly Use[], result: Result): Result {
  for (const use of uses) use.counters.settle(use, -use.cost);
  return result;
}

function returned(use: Use): Use {
  return { ...use, taken: { ...use.taken, remaining: use.taken.remaining + use.cost } };
}
