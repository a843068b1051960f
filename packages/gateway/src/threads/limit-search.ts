import type { GatewayConfig, LimitKeyConfig, RateLimitConfig } from '@turnpike/config';
import type { LimitFault, WantedKey } from '../admin/limit-port.ts';
import type { Quota } from '../core/counters.ts';
import { namedKey } from '../core/limit-key.ts';
import { keyPartText } from '../core/limit-key-text.ts';
import { bucketsOf } from '../stages/rate-limit/limit.ts';
import { quota as quotaFor } from '../stages/rate-limit/quota.ts';

/** A key of a limit, as it is counted. */
export interface SoughtLimit {
  readonly limit: RateLimitConfig;
  /** Of its buckets. */
  readonly id: string;
  readonly key: string;
  readonly quota: Quota;
}

type Config = Pick<GatewayConfig, 'routes' | 'consumers'>;

/** Some of what there is, when something is not known. */
const MOST_NAMED = 20;

/** Finds what somebody asks about. */
export function seekLimit(config: Config, wanted: WantedKey): SoughtLimit | LimitFault {
  const limits = config.routes.find(({ id }) => id === wanted.route)?.policies.rateLimit ?? [];
  const limit = limits.find(({ name }) => name === wanted.limit);
  if (limit === undefined) return unknown(wanted, limits);
  const key = keyAsked(limit, wanted.route, wanted.key);
  if (typeof key === 'object') return key;
  const quota = quotaFor(limit, unitsOf(limit, wanted, config));
  return { limit, id: bucketsOf(limit, wanted.route), key, quota };
}

/** Of which parts a value is needed: who names a route has said that. */
export function partsAsked(by: readonly LimitKeyConfig[]): LimitKeyConfig[] {
  return by.filter(({ kind }) => kind !== 'route');
}

/** The key that has these values. */
export function keyAsked(
  { by, whenKeyMissing }: Pick<RateLimitConfig, 'by' | 'whenKeyMissing'>,
  route: string,
  values: readonly string[],
): string | LimitFault {
  const asked = partsAsked(by);
  if (values.length !== asked.length) return wrongCount(asked);
  if (whenKeyMissing !== 'shared' && values.includes(''))
    return { fault: 'key', detail: 'what has no key is not counted here' };
  const rest = values.values();
  const all = by.map(({ kind }) => (kind === 'route' ? route : (rest.next().value ?? '')));
  const key = namedKey(by, all);
  if (typeof key === 'string') return key;
  const part = by[key];
  return {
    fault: 'key',
    detail: `that is no value of ${part === undefined ? 'the key' : keyPartText(part)}`,
  };
}

function wrongCount(asked: readonly LimitKeyConfig[]): LimitFault {
  const texts = asked.map(keyPartText);
  const needed = texts.length === 0 ? 'no key' : `key=… for ${texts.join(', and key=… for ')}`;
  return { fault: 'key', detail: `this limit needs ${needed}` };
}

function unknown({ route, limit }: WantedKey, limits: readonly RateLimitConfig[]): LimitFault {
  const names = limits.slice(0, MOST_NAMED).map(({ name }) => name);
  const others = names.length === 0 ? 'it has none' : `there are: ${names.join(', ')}`;
  return { fault: 'unknown', detail: `the route "${route}" has no limit "${limit}"; ${others}` };
}

/** As somebody says, or as the plan does; where neither is known, as for anybody. */
function unitsOf(limit: RateLimitConfig, wanted: WantedKey, config: Config): number {
  const { limitFrom } = limit;
  if (limitFrom === null) return limit.limit;
  if (wanted.quota !== null) return wanted.quota;
  if (limitFrom.kind !== 'plan') return limit.limit;
  const plan = wanted.plan ?? planOf(limit, wanted, config);
  return new Map(Object.entries(limitFrom.plans)).get(plan) ?? limit.limit;
}

/** Of the consumer that the key names. */
function planOf({ by }: RateLimitConfig, { key }: WantedKey, { consumers }: Config): string {
  const named = (kind: LimitKeyConfig['kind']) => key[partsAsked(by).findIndex((part) => part.kind === kind)];
  const id = named('consumer') ?? named('identity')?.replace(/^consumers:/, '');
  return named('plan') ?? consumers.find((consumer) => consumer.id === id)?.plan ?? '';
}
