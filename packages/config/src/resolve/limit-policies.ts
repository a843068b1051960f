import type { AuthenticateConfig, ConcurrencyConfig, PoliciesConfig, PriorityConfig } from '../resolved.ts';
import { isActive, type WrittenPolicies } from './access-policies.ts';
import { severalKeys } from './limit-keys.ts';
import { resolveRateLimit } from './rate-limit.ts';

/** How much of it: a route's policies over the defaults. */
export function resolveLimitPolicies(
  own: WrittenPolicies,
  defaults: WrittenPolicies,
  authenticate: AuthenticateConfig | null,
): Pick<PoliciesConfig, 'rateLimit' | 'concurrency' | 'priority'> {
  return {
    rateLimit: resolveRateLimit(own.rateLimit ?? defaults.rateLimit),
    concurrency: resolveConcurrency(own.concurrency ?? defaults.concurrency, authenticate),
    priority: resolvePriority(own.priority ?? defaults.priority),
  };
}

function resolveConcurrency(
  policy: WrittenPolicies['concurrency'],
  authenticate: AuthenticateConfig | null,
): ConcurrencyConfig | null {
  if (!isActive(policy)) return null;
  const { mode, limit, by, whenKeyMissing } = policy;
  const caller = authenticate === null ? 'ip' : 'identity';
  return { mode, limit, by: by === null ? [{ kind: caller }] : severalKeys(by), whenKeyMissing };
}

/** What has no priority. */
export const NORMAL: PriorityConfig = { level: 'normal', header: null, plans: {} };

function resolvePriority(policy: WrittenPolicies['priority']): PriorityConfig {
  if (policy === null || policy === 'off') return NORMAL;
  if (typeof policy === 'string') return { ...NORMAL, level: policy };
  const { level, header, plans } = policy;
  return { level, header, plans: Object.fromEntries(plans) };
}

/** What one request may be. */
export function resolveRequestLimits(
  policy: WrittenPolicies['limits'],
): Pick<
  PoliciesConfig,
  | 'limitsMode'
  | 'bodyBytes'
  | 'decompressedBytes'
  | 'jsonDepth'
  | 'headerCount'
  | 'queryCount'
  | 'grpcMessageBytes'
> {
  if (!isActive(policy)) return NO_REQUEST_LIMITS;
  const { mode, ...limits } = policy;
  return { limitsMode: mode, ...limits };
}

/** Those of the listener hold. */
export const NO_REQUEST_LIMITS = {
  limitsMode: 'on',
  bodyBytes: null,
  decompressedBytes: null,
  jsonDepth: null,
  headerCount: null,
  queryCount: null,
  grpcMessageBytes: null,
} as const;
