import { hash } from 'node:crypto';
import type { RedisConfig } from '@turnpike/config';

/** What the cache is called in Redis. */
export interface CacheNames {
  /** Of a stored response, and of the lock beside it in the same slot of a cluster. */
  entry(key: string): string;
  lock(key: string): string;
  /** The hash of purges, and the list of the last of them, in one slot of a cluster. */
  readonly board: string;
  readonly log: string;
  /** On which purges are told. */
  readonly channel: string;
}

/** 132 bits: two keys never share an entry. */
const DIGEST_LENGTH = 22;

/**
 * Keys are digests: what clients ask for can be long, and may tell about people, so it does not belong where everybody can list
 * it. Entries are spread over a cluster, unless `keyPrefix` has a hash tag of its own.
 *
 * Gateways of several releases may share: whoever changes where a purge is noted, or how, gives everything another name.
 */
export function cacheNames({ keyPrefix }: Pick<RedisConfig, 'keyPrefix'>): CacheNames {
  const name = (key: string) =>
    `${keyPrefix}cache:{${hash('sha256', key, 'base64url').slice(0, DIGEST_LENGTH)}}`;
  return {
    entry: name,
    lock: (key) => `${name(key)}lock`,
    board: `${keyPrefix}cache:{purges}board`,
    log: `${keyPrefix}cache:{purges}log`,
    channel: `${keyPrefix}cache:purges`,
  };
}
