import type { CacheConfig } from '@turnpike/config';
import { bytesText, durationText } from '../output/units.ts';
import { joined, reporting } from './text-parts.ts';

/** `keeps what the service allows, and 10s longer while it asks again; told apart by ?page; in memory`. */
export function cacheText(config: CacheConfig): string {
  const { mode, store, sizeBytes, defaultTtlMs, staleWhileRevalidateMs, staleIfErrorMs } = config;
  const where = store === 'redis' ? 'in memory and Redis' : 'in memory';
  const parts = [
    'keeps what the service allows',
    defaultTtlMs === 0 ? '' : `for ${durationText(defaultTtlMs)} what says nothing`,
    staleWhileRevalidateMs === 0 ? '' : `${durationText(staleWhileRevalidateMs)} longer while it asks again`,
    staleIfErrorMs === 0 ? '' : `${durationText(staleIfErrorMs)} longer when the service fails`,
    apartText(config),
    sizeBytes === null ? where : `${where}, in ${bytesText(sizeBytes)} of its own`,
  ];
  return joined(parts, ', ') + reporting(mode);
}

function apartText({ key }: CacheConfig): string {
  const { query, headers, cookies, identity } = key;
  const parts = [
    query === null ? '' : query.length === 0 ? 'no parameter' : query.map((name) => `?${name}`).join(' and '),
    ...headers,
    ...cookies.map((name) => `the cookie ${name}`),
    identity === 'always' ? 'who calls' : '',
  ];
  const known = joined(parts, ', ');
  return known === '' ? '' : `told apart by ${known}`;
}
