import type { Breaker } from './breaker.ts';
import type { Knowledge } from './knowledge.ts';
import type { ProviderCalls } from './provider-calls.ts';

/** How an identity provider does, for the admin API. */
export interface ProviderStatus {
  readonly id: string;
  readonly issuer: string;
  /** `degraded`: what is known is used, but the last attempt to learn it anew has failed. `unknown`: no keys. */
  readonly state: 'ready' | 'degraded' | 'unknown';
  readonly keys: number;
  /** RFC 3339. */
  readonly learnedAt: string | null;
  /** Why the last attempt failed, or `''`. */
  readonly problem: string;
  readonly endpoints: Readonly<Record<'token' | 'introspection', Breaker['state']>>;
}

/** What is known of a provider and of the calls to it, on one page. */
export function providerStatus(knowledge: Knowledge, { endpoints }: ProviderCalls): ProviderStatus {
  const { source, keys, learnedAtMs, problem } = knowledge;
  return {
    id: source.id,
    issuer: source.issuer,
    state: keys === null ? 'unknown' : problem === '' ? 'ready' : 'degraded',
    keys: keys?.length ?? 0,
    learnedAt: keys === null ? null : new Date(learnedAtMs).toISOString(),
    problem,
    endpoints,
  };
}
