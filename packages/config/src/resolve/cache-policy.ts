import type { CacheConfig } from '../resolved/cache.ts';
import { isActive, type WrittenPolicies } from './access-policies.ts';

/** What is kept of responses: a route's policy over the defaults. */
export function resolveCache(own: WrittenPolicies, defaults: WrittenPolicies): CacheConfig | null {
  const policy = own.cache ?? defaults.cache;
  if (policy === 'off' || !isActive(policy)) return null;
  const { key } = policy;
  return {
    mode: policy.mode,
    store: policy.store,
    sizeBytes: policy.size,
    maxObjectBytes: policy.maxObjectBytes,
    minUses: policy.minUses,
    defaultTtlMs: policy.defaultTtl,
    statusTtlMs: Object.fromEntries(policy.ttl),
    heuristic: policy.heuristic,
    key: {
      query: key.query,
      ordered: key.ordered,
      headers: key.headers,
      cookies: key.cookies,
      identity: key.identity,
    },
    staleWhileRevalidateMs: policy.staleWhileRevalidate,
    staleIfErrorMs: policy.staleIfError,
    tagsHeader: policy.tags,
    ignoreClientCacheControl: policy.ignoreClientCacheControl,
    coalesce: policy.coalesce,
    coalesceWaitMs: policy.coalesceWait,
    earlyRefresh: policy.earlyRefresh,
    setCookie: policy.setCookie,
    headErrors: policy.headErrors,
    checkContentType: policy.checkContentType,
    queryMethod: policy.queryMethod,
  };
}
