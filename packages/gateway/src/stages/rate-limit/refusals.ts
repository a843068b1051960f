import type { Exchange, Reply } from '../../core/exchange.ts';
import { wholeSeconds } from '../../core/limit-fields.ts';
import { refuse } from '../../core/problem.ts';
import type { Random } from '../../core/random.ts';
import type { Limit } from './limit.ts';
import type { Use } from './use.ts';

/** Registered by draft-ietf-httpapi-ratelimit-headers. */
const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/** The names of the limits that had no room. */
export function violated(uses: readonly Use[]): string[] {
  return uses.filter(({ taken }) => !taken.isAllowed).map(({ limit }) => limit.name);
}

/** Says which limits had no room, and when it is worth coming back. */
export function overLimit(exchange: Exchange, uses: readonly Use[], random: Random): Reply {
  const names = violated(uses);
  const waitMs = Math.max(...uses.map(({ taken }) => taken.retryAfterMs));
  const fields = [['Retry-After', retryAfter(waitMs, random)] as const];
  return refuse(exchange, 'RATE_LIMITED', {
    fields,
    rule: `rateLimit.${names[0] ?? ''}`,
    type: QUOTA_EXCEEDED,
    members: { 'violated-policies': names },
  });
}

/** Up to a tenth more than it takes, so that those who were refused together do not come back together. */
function retryAfter(waitMs: number, random: Random): string {
  const seconds = Math.max(1, wholeSeconds(waitMs));
  return String(seconds + Math.floor(random.unit() * 0.1 * seconds));
}

/** Says that this limit cannot count the exchange, which has nothing to count it by. */
export function withoutKey(exchange: Exchange, { rule }: Limit): Reply {
  return refuse(exchange, 'FORBIDDEN', {
    rule,
    detail: 'This route counts requests by something that this one does not have.',
  });
}

/** Says that nobody can count the exchange at the moment. */
export function uncounted(exchange: Exchange): Reply {
  return refuse(exchange, 'COUNTERS_UNAVAILABLE', { rule: 'rateLimit' });
}
