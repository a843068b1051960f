import type { RedisConfig, StoresConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { several } from './access-policies.ts';

/** What gateways share. */
export function resolveStores({ stores: { redis } }: ResolvedDocument): StoresConfig {
  if (redis === null) return { redis: null };
  const { url, cluster, sentinel, keyPrefix, timeout } = redis;
  const mode: RedisConfig['mode'] = cluster ? 'cluster' : sentinel === null ? 'single' : 'sentinel';
  return { redis: { mode, urls: several(url), master: sentinel, keyPrefix, timeoutMs: timeout } };
}
