import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CacheConfig } from '@turnpike/config';
import { cacheText } from './cache-text.ts';

const PLAIN: CacheConfig = {
  mode: 'on',
  store: 'memory',
  sizeBytes: null,
  maxObjectBytes: 1024,
  minUses: 1,
  defaultTtlMs: 0,
  statusTtlMs: {},
  heuristic: false,
  key: { query: null, ordered: true, headers: [], cookies: [], identity: 'auto' },
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  tagsHeader: null,
  ignoreClientCacheControl: false,
  coalesce: true,
  coalesceWaitMs: 5000,
  earlyRefresh: true,
  setCookie: 'refuse',
  headErrors: 'refuse',
  checkContentType: false,
  queryMethod: false,
};

it('says what is kept, and where', () => {
  assert.equal(cacheText(PLAIN), 'keeps what the service allows, in memory');
  assert.equal(
    cacheText({
      ...PLAIN,
      mode: 'report',
      store: 'redis',
      sizeBytes: 1024 * 1024,
      defaultTtlMs: 5000,
      staleIfErrorMs: 60_000,
      key: { query: ['page'], ordered: true, headers: ['x-a'], cookies: ['side'], identity: 'always' },
    }),
    'keeps what the service allows, for 5s what says nothing, 1m longer when the service fails, ' +
      'told apart by ?page, x-a, the cookie side, who calls, in memory and Redis, in 1MiB of its own (only reports)',
  );
});
