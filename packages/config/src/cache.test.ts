import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainSource, readConfig } from './config.ts';

function configOf(policies: object, stores: object = {}, defaults: object = {}) {
  const { config, issues } = readConfig([
    plainSource('/etc/gateway.yaml', {
      stores,
      services: { s: { endpoints: ['http://a'] } },
      defaults: { policies: defaults },
      routes: { r: { service: 's', policies } },
    }),
  ]);
  assert.deepEqual(
    issues.filter(({ severity }) => severity === 'error'),
    [],
  );
  return config;
}

const cacheOf = (policies: object, defaults: object = {}) =>
  configOf(policies, {}, defaults)?.routes[0]?.policies.cache;

it('keeps nothing unless a route says so, and then only what the service allows', () => {
  assert.equal(cacheOf({}), null);
  assert.deepEqual(cacheOf({ cache: {} }), {
    mode: 'on',
    store: 'memory',
    sizeBytes: null,
    maxObjectBytes: 10_485_760,
    minUses: 1,
    defaultTtlMs: 0,
    statusTtlMs: {},
    heuristic: true,
    key: { query: null, ordered: true, headers: [], cookies: [], identity: 'auto' },
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 10_000,
    tagsHeader: null,
    ignoreClientCacheControl: false,
    coalesce: true,
    coalesceWaitMs: 5000,
    earlyRefresh: true,
    setCookie: 'refuse',
    headErrors: 'refuse',
    checkContentType: false,
    queryMethod: false,
  });
});

it('reads all of a policy', () => {
  const cache = {
    size: '64MiB',
    maxObjectBytes: '1MiB',
    minUses: 2,
    defaultTtl: '1m',
    ttl: { 404: '10s', 500: '0s' },
    heuristic: true,
    key: {
      query: ['page'],
      ordered: false,
      headers: ['Accept-Language'],
      cookies: ['side'],
      identity: 'never',
    },
    staleWhileRevalidate: '10s',
    staleIfError: '1h',
    tags: 'header:X-Tags',
    ignoreClientCacheControl: true,
    coalesce: false,
    coalesceWait: '1s',
    earlyRefresh: false,
    setCookie: 'strip',
    headErrors: 'explicit',
    checkContentType: true,
    queryMethod: true,
    mode: 'report',
  };
  assert.deepEqual(cacheOf({ cache }), {
    mode: 'report',
    store: 'memory',
    sizeBytes: 67_108_864,
    maxObjectBytes: 1_048_576,
    minUses: 2,
    defaultTtlMs: 60_000,
    statusTtlMs: { 404: 10_000, 500: 0 },
    heuristic: true,
    key: {
      query: ['page'],
      ordered: false,
      headers: ['accept-language'],
      cookies: ['side'],
      identity: 'never',
    },
    staleWhileRevalidateMs: 10_000,
    staleIfErrorMs: 3_600_000,
    tagsHeader: 'x-tags',
    ignoreClientCacheControl: true,
    coalesce: false,
    coalesceWaitMs: 1000,
    earlyRefresh: false,
    setCookie: 'strip',
    headErrors: 'explicit',
    checkContentType: true,
    queryMethod: true,
  });
});

it('takes the policy of the defaults, unless it is off', () => {
  const defaults = { cache: { defaultTtl: '5s' } };
  assert.equal(cacheOf({}, defaults)?.defaultTtlMs, 5000);
  assert.equal(cacheOf({ cache: 'off' }, defaults), null);
});

it('reads the memory that routes share', () => {
  assert.deepEqual(configOf({})?.stores.cache, { sizeBytes: 134_217_728, warmStart: null });
  const stores = { cache: { size: '1GiB', warmStart: { file: '/state/cache', size: '64MiB', every: '1m' } } };
  assert.deepEqual(configOf({}, stores)?.stores.cache, {
    sizeBytes: 1_073_741_824,
    warmStart: { path: '/state/cache', mostBytes: 67_108_864, everyMs: 60_000 },
  });
});

it('keeps it for the next start as often as is usual', () => {
  const { warmStart } = configOf({}, { cache: { warmStart: { file: '/state/cache' } } })?.stores.cache ?? {};
  assert.deepEqual(warmStart, { path: '/state/cache', mostBytes: 268_435_456, everyMs: 300_000 });
});
