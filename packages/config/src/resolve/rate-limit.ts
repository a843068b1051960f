import { expressionNames } from '../expression.ts';
import { formatDuration } from '../format/duration.ts';
import type { RateLimitConfig } from '../resolved.ts';
import { isActive, type WrittenPolicies } from './access-policies.ts';
import { isOfCaller, severalKeys } from './limit-keys.ts';

type Written = WrittenPolicies['rateLimit'];

/** One limit as it is written. */
export type WrittenRateLimit = Extract<Written, { readonly per: number }>;

/** One limit or several, as several. */
export function writtenRateLimits(policy: Written): readonly WrittenRateLimit[] {
  if (policy === null || policy === 'off') return [];
  return 'per' in policy ? [policy] : policy;
}

const NO_LIMITS: readonly RateLimitConfig[] = [];

/** The limits that do something, in their order. */
export function resolveRateLimit(policy: Written): readonly RateLimitConfig[] {
  if (policy === null || policy === 'off') return NO_LIMITS;
  const active = writtenRateLimits(policy).filter(isActive);
  const names = new Set(active.flatMap(({ name }) => name ?? []));
  return active.map((written) => ({
    name: written.name ?? nameOf(written, names),
    mode: written.mode,
    limit: written.limit,
    windowMs: written.per,
    burst: burstOf(written),
    limitFrom: limitFromOf(written),
    algorithm: written.algorithm,
    by: severalKeys(written.by),
    whenKeyMissing: written.whenKeyMissing,
    stage: needsIdentity(written) || asksForOperation(written) ? 'late' : 'early',
    group: written.group,
    when: written.when,
    ...costsOf(written),
    percent: written.percent,
    store: written.store,
    whenStoreFails: written.whenStoreFails,
  }));
}

/** What nobody named is called by what it allows: `100/1m`. */
function nameOf({ limit, per }: WrittenRateLimit, taken: Set<string>): string {
  const name = `${limit}/${formatDuration(per)}`;
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}-${count}`;
  taken.add(free);
  return free;
}

/** How many units there may be at once. */
export function burstOf({ algorithm, limit, burst }: WrittenRateLimit): number {
  return algorithm === 'sliding' || limit === 0 ? limit : (burst ?? limit);
}

function limitFromOf({ plans, limitFrom }: WrittenRateLimit): RateLimitConfig['limitFrom'] {
  if (plans !== null) return { kind: 'plan', plans: Object.fromEntries(plans) };
  return limitFrom === null ? null : { kind: 'rule', rule: limitFrom };
}

/** What is taken before, and what is booked afterwards: a cost that names `response` cannot be known before. */
export function costsOf({
  cost,
  responseCost,
}: WrittenRateLimit): Pick<RateLimitConfig, 'cost' | 'responseCost'> {
  if (typeof cost === 'number') return { cost: cost === 1 ? null : String(cost), responseCost };
  if (cost === null || !expressionNames('response', cost)) return { cost, responseCost };
  return { cost: null, responseCost: responseCost ?? cost };
}

const ANSWERS = new WeakMap<WrittenRateLimit, boolean>();

/** Whether it can only be applied when it is known who is calling. Of the defaults that is found out once for all routes. */
export function needsIdentity(limit: WrittenRateLimit): boolean {
  const answer = ANSWERS.get(limit) ?? namesIdentity(limit);
  ANSWERS.set(limit, answer);
  return answer;
}

function namesIdentity({ by, plans, limitFrom, when, cost, responseCost }: WrittenRateLimit): boolean {
  if (plans !== null || severalKeys(by).some(isOfCaller)) return true;
  return [limitFrom, when, cost, responseCost].some(
    (text) => typeof text === 'string' && expressionNames('identity', text),
  );
}

/** Whether it depends on what a GraphQL request asks for, which is looked at after it is known who is calling. */
function asksForOperation({ by, limitFrom, when, cost, responseCost }: WrittenRateLimit): boolean {
  const rules = severalKeys(by).map((key) => (key.kind === 'rule' ? key.rule : null));
  return [limitFrom, when, cost, responseCost, ...rules].some(
    (text) => typeof text === 'string' && /\brequest\s*\.\s*graphql\b/.test(text),
  );
}
