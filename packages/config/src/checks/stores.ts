import { redisDatabase } from '../format/redis-url.ts';
import type { Draft } from '../issue.ts';
import type { Check } from './check.ts';

/** Redis is one server, a cluster, or a master that sentinels know; and the addresses fit to it. */
export const redisIsClear: Check = ({ stores: { redis } }) => {
  if (redis === null) return [];
  const { mode, master, urls, authorities } = redis;
  if (urls.length === 0) {
    const message = 'stores.redis.url is an empty list; give it at least one address';
    return [{ code: 'BAD_VALUE', message, path: ['stores', 'redis', 'url'] }];
  }
  if (mode === 'cluster' && master !== null)
    return conflict('sentinel', 'has cluster and sentinel; keep one of them', 'key');
  if (mode === 'single' && urls.length > 1)
    return conflict('url', 'has several addresses; set cluster or sentinel, or keep one');
  if (mode === 'cluster' && urls.some((url) => redisDatabase(url) !== 0))
    return conflict('url', 'a cluster has no numbered databases; take the path off');
  if (new Set(urls.map((url) => new URL(url).protocol)).size > 1)
    return conflict('url', 'has addresses with TLS and without; choose redis:// or rediss://');
  if (authorities !== null && urls.some((url) => new URL(url).protocol !== 'rediss:'))
    return conflict('authorities', 'authorities vouch for nobody over redis://; say rediss:// in url', 'key');
  return [];
};

/** A key that is there twice was meant to be another. */
export const encryptionKeysDiffer: Check = ({ stores: { database } }) => {
  const keys = database?.encryptionKeys ?? [];
  return keys.flatMap((key, at) =>
    keys.indexOf(key) === at
      ? []
      : [
          {
            code: 'DUPLICATE_ENTRY',
            message: `stores.database.encryption.keys: key ${at + 1} is the same as an earlier one; take it out`,
            path: ['stores', 'database', 'encryption', 'keys', at],
          },
        ],
  );
};

function conflict(key: string, message: string, at: 'key' | 'value' = 'value'): Draft[] {
  return [{ code: 'CONFLICT', message: `stores.redis: ${message}`, path: ['stores', 'redis', key], at }];
}
