import type { ConcurrencyConfig, GatewayConfig, RateLimitConfig } from '@turnpike/config';
import type { KeyCounts } from '../admission/key-counts.ts';
import type {
  ConcurrencyView,
  LimitFault,
  LimitPort,
  LimitState,
  LimitView,
  WantedKey,
} from '../admin/limit-port.ts';
import type { Taken } from '../core/counters.ts';
import { GatewayError } from '../core/errors.ts';
import { keyPartText, limitKeyText } from '../core/limit-key-text.ts';
import { scopeOf } from '../stages/concurrency/concurrency.ts';
import { isInShare } from '../stages/rate-limit/key-share.ts';
import { keyAsked, partsAsked, seekLimit, type SoughtLimit } from './limit-search.ts';
import type { LimitStores } from './limit-stores.ts';

/** What the supervisor knows of limits. */
export interface LimitParts {
  readonly stores: Pick<LimitStores, 'local' | 'redis'>;
  readonly underWay: Pick<KeyCounts, 'scope' | 'count'>;
  readonly config: () => Pick<GatewayConfig, 'routes' | 'consumers'>;
}

/** Answers what the admin API asks about limits. It has to name the key: of keys, only hashes are kept. */
export function limitAdmin({ stores, underWay, config }: LimitParts): LimitPort {
  return {
    list: () => ({
      limits: config().routes.flatMap(({ id, policies }) =>
        policies.rateLimit.map((limit) => limitView(id, limit)),
      ),
      concurrency: config().routes.flatMap(({ id, policies: { concurrency } }) =>
        concurrency === null ? [] : [concurrencyView(id, concurrency)],
      ),
    }),
    look: async (wanted) => {
      const sought = seekLimit(config(), wanted);
      return 'fault' in sought ? sought : stateOf(sought, wanted, await look(sought, stores));
    },
    reset: async (wanted) => {
      const sought = seekLimit(config(), wanted);
      if ('fault' in sought) return sought;
      // Also what was counted here while Redis did not answer.
      stores.local.forget(chargeOf(sought, stores));
      if (sought.limit.store === 'redis') await stores.redis?.forget(chargeOf(sought, stores));
      return null;
    },
    inUse: ({ route, key }) => {
      const policy = config().routes.find(({ id }) => id === route)?.policies.concurrency ?? null;
      if (policy === null)
        return { fault: 'unknown', detail: `no route "${route}" bounds what callers have under way` };
      const asked = keyAsked(policy, route, key);
      if (typeof asked === 'object') return asked;
      const inUse = underWay.count(underWay.scope(scopeOf(route)), asked);
      return { route, key, limit: policy.limit, inUse };
    },
  };
}

// --- how it is configured ------------------------------------------------------------------------------------------

function limitView(route: string, limit: RateLimitConfig): LimitView {
  const { name, by, algorithm, store, limitFrom, windowMs, burst, mode, percent, group } = limit;
  return {
    route,
    limit: name,
    key: limitKeyText(by),
    keyParts: partsAsked(by).map(keyPartText),
    algorithm,
    store,
    quota: limit.limit,
    quotaFrom: limitFrom,
    windowSeconds: windowMs / 1000,
    burst: algorithm === 'gcra' ? burst : null,
    mode,
    percent,
    group,
  };
}

function concurrencyView(route: string, { by, limit, mode }: ConcurrencyConfig): ConcurrencyView {
  return { route, key: limitKeyText(by), keyParts: partsAsked(by).map(keyPartText), limit, mode };
}

// --- how it stands -------------------------------------------------------------------------------------------------

/** What asking for a unit would give. Degraded: the store of the limit does not answer. */
interface Look extends Pick<Taken, 'isAllowed' | 'remaining' | 'resetMs'> {
  readonly isDegraded: boolean;
}

async function look(sought: SoughtLimit, stores: LimitParts['stores']): Promise<Look> {
  const charge = chargeOf(sought, stores);
  if (sought.limit.store === 'local') return { ...stores.local.look(charge), isDegraded: false };
  try {
    if (stores.redis !== null) return { ...(await stores.redis.look(charge)), isDegraded: false };
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'COUNTERS_UNAVAILABLE') throw error;
  }
  return { ...lookWithoutRedis(sought, stores), isDegraded: true };
}

function lookWithoutRedis(sought: SoughtLimit, stores: LimitParts['stores']): Omit<Look, 'isDegraded'> {
  const { limit, quota } = sought;
  if (limit.whenStoreFails === 'local') return stores.local.look(chargeOf(sought, stores));
  const isAllowed = limit.whenStoreFails === 'allow';
  return { isAllowed, remaining: isAllowed ? quota.burst : 0, resetMs: 0 };
}

/** Of one unit. */
function chargeOf({ id, key, quota, limit }: SoughtLimit, { local }: LimitParts['stores']) {
  return { limiter: local.limiter(id, limit.algorithm), key, quota, cost: 1 };
}

function stateOf(
  { limit, id, key, quota }: SoughtLimit,
  wanted: WantedKey,
  { isAllowed, remaining, resetMs, isDegraded }: Look,
): LimitState | LimitFault {
  const acts = limit.mode === 'on' && isInShare(id, key, limit.percent);
  return {
    route: wanted.route,
    limit: limit.name,
    key: wanted.key,
    quota: quota.limit,
    remaining,
    resetSeconds: Math.ceil(resetMs / 1000),
    limited: !isAllowed,
    mode: acts ? 'on' : 'report',
    store: limit.store,
    degraded: isDegraded,
  };
}
