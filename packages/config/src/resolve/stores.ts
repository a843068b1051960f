import type { RedisConfig, StoresConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { several } from './access-policies.ts';
import type { Context } from './context.ts';

/** What gateways share. */
export function resolveStores({ stores: { redis } }: ResolvedDocument, context: Context): StoresConfig {
  if (redis === null) return { redis: null };
  const { url, cluster, sentinel, authorities: file, keyPrefix, timeout } = redis;
  const mode: RedisConfig['mode'] = cluster ? 'cluster' : sentinel === null ? 'single' : 'sentinel';
  const authorities = file === null ? null : context.absolute(['stores', 'redis', 'authorities'], file);
  return {
    redis: { mode, urls: several(url), master: sentinel, authorities, keyPrefix, timeoutMs: timeout },
  };
}
