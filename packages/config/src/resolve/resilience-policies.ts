import type {
  FallbackConfig,
  FaultConfig,
  HedgeConfig,
  MirrorConfig,
  PoliciesConfig,
  RetryConfig,
} from '../resolved.ts';
import { isActive, type WrittenPolicies } from './access-policies.ts';

/** What routes have that say nothing of it: requests that may be repeated are, once, when an endpoint goes away. */
const CAREFUL_RETRY: RetryConfig = {
  mode: 'on',
  attempts: 2,
  on: ['connect-failure', 'reset'],
  perTryMs: null,
  budgetPercent: 20,
  bodyBytes: 64 * 1024,
  methods: [],
};

type Resilience = Pick<
  PoliciesConfig,
  'deadlineHeader' | 'retry' | 'hedge' | 'fallback' | 'mirror' | 'fault'
>;

/** A route without any. */
export const NO_RESILIENCE: Resilience = {
  deadlineHeader: null,
  retry: null,
  hedge: null,
  fallback: null,
  mirror: null,
  fault: null,
};

/** What happens when services fail: a route's policies over the defaults. */
export function resolveResilience(own: WrittenPolicies, defaults: WrittenPolicies): Resilience {
  return {
    deadlineHeader: resolveDeadline(own.deadline ?? defaults.deadline),
    retry: resolveRetry(own.retry ?? defaults.retry),
    hedge: resolveHedge(own.hedge ?? defaults.hedge),
    fallback: resolveFallback(own.fallback ?? defaults.fallback),
    mirror: resolveMirror(own.mirror ?? defaults.mirror),
    fault: resolveFault(own.fault ?? defaults.fault),
  };
}

function resolveDeadline(policy: WrittenPolicies['deadline']): string | null {
  return policy === null || policy === 'off' ? null : policy.header;
}

function resolveRetry(policy: WrittenPolicies['retry']): RetryConfig | null {
  if (policy === null) return CAREFUL_RETRY;
  if (!isActive(policy)) return null;
  const { mode, attempts, on, perTry, budget, bodyBytes, methods } = policy;
  return { mode, attempts, on, perTryMs: perTry, budgetPercent: budget * 100, bodyBytes, methods };
}

function resolveHedge(policy: WrittenPolicies['hedge']): HedgeConfig | null {
  if (!isActive(policy)) return null;
  const { mode, after, budget } = policy;
  return { mode, after, budgetPercent: budget * 100 };
}

/** One that has neither is reported by the checks. */
function resolveFallback(policy: WrittenPolicies['fallback']): FallbackConfig | null {
  if (!isActive(policy)) return null;
  const { mode, service, respond } = policy;
  if (service !== null) return { mode, kind: 'service', service };
  if (respond === null) return null;
  return { mode, kind: 'respond', ...respond, headers: [...respond.headers] };
}

function resolveMirror(policy: WrittenPolicies['mirror']): MirrorConfig | null {
  if (!isActive(policy)) return null;
  const { mode, service, percent, bodyBytes } = policy;
  return { mode, service, percent, bodyBytes };
}

function resolveFault(policy: WrittenPolicies['fault']): FaultConfig | null {
  if (!isActive(policy)) return null;
  const { mode, delay, abort } = policy;
  return { mode, delay: delay && { percent: delay.percent, durationMs: delay.duration }, abort };
}
