import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CacheKeyConfig } from '@turnpike/config';
import type { CachedEntry } from '../core/cache-memory.ts';
import { headersOf } from '../core/headers.ts';
import { encodeHead, type CachedHead } from '../stages/cache/cached-head.ts';
import { keyMaker, variantKey } from '../stages/cache/rules/key.ts';
import { entryView } from './cache-entry-view.ts';

const NOW_MS = 1_000_000_000;
const KEY: CacheKeyConfig = {
  query: null,
  ordered: true,
  headers: ['accept', 'x-tenant'],
  cookies: ['side'],
  identity: 'auto',
};
const freshness = {
  bornAtMs: NOW_MS - 30_500,
  lifetimeMs: 60_000,
  source: 'max-age',
  validation: 'usual',
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
} as const;
const RESPONSE: CachedHead = {
  kind: 'response',
  status: 200,
  headers: headersOf(['X-Secret', 'hunter2']),
  freshness,
  answeredAtMs: NOW_MS,
  fetchMs: 5,
};

function viewOf(entry: Partial<Omit<CachedEntry, 'head'>> & { readonly head?: CachedHead }) {
  const rest = { key: 'r\nhttp://a/', length: 5, usedBytes: 512, hits: 2, version: 1, storedAtMs: 0 };
  const head = encodeHead(entry.head ?? RESPONSE);
  const keyOf = (route: string) => (route === 'r' ? KEY : null);
  return entryView({ isSoftPurged: false, ...rest, ...entry, head }, { memory: '*', keyOf, nowMs: NOW_MS });
}

describe('an entry for people', () => {
  it('tells how fresh it is', () => {
    const view = viewOf({});
    assert.deepEqual([view.state, view.ageSeconds, view.freshSeconds], ['fresh', 30, 29]);
    assert.equal(viewOf({ isSoftPurged: true }).state, 'purged');
    const old = { ...RESPONSE, freshness: { ...freshness, lifetimeMs: 10_000 } };
    assert.deepEqual([viewOf({ head: old }).state, viewOf({ head: old }).freshSeconds], ['stale', -21]);
    const never = { ...RESPONSE, freshness: { ...freshness, validation: 'always' as const } };
    assert.equal(viewOf({ head: never }).state, 'stale');
    const pass = viewOf({ head: { kind: 'pass', untilMs: NOW_MS + 5000 } });
    assert.deepEqual([pass.kind, pass.state, pass.status, pass.freshSeconds], ['pass', 'fresh', null, 5]);
    const ways = [{ names: ['accept'], whose: 'everybody' as const }];
    const variants = viewOf({ head: { kind: 'variants', ways, tagged: [] } });
    assert.deepEqual([variants.kind, variants.state, variants.freshSeconds], ['variants', 'fresh', null]);
  });

  it('tells what is in its key, and hides what may be secret', () => {
    const headers = headersOf(['Accept', 'text/html'], ['X-Tenant', 'secret-1'], ['Cookie', 'side=secret-2']);
    const primary = keyMaker(KEY, 'r')({ address: 'http://a/b?c', headers, bodyDigest: 'digest' });
    const names = ['accept-language', 'authorization'];
    const more = headersOf(['Accept-Language', 'de'], ['Authorization', 'secret-3']);
    const view = viewOf({ key: variantKey(primary, { names, headers: more }, 'secret-4') });
    assert.deepEqual([view.route, view.address, view.isForOneCaller], ['r', 'http://a/b?c', true]);
    assert.deepEqual(view.variant, {
      accept: 'text/html',
      'x-tenant': '***',
      'cookie side': '***',
      body: '***',
      'accept-language': 'de',
      authorization: '***',
    });
    assert.ok(!JSON.stringify(view).includes('secret'));
    assert.ok(!JSON.stringify(view).includes('hunter2'));
  });

  it('tells that something is not there', () => {
    const key = keyMaker(KEY, 'r')({ address: 'http://a/', headers: headersOf(), bodyDigest: null });
    assert.deepEqual(viewOf({ key }).variant, { accept: null, 'x-tenant': null, 'cookie side': null });
  });

  it('hides all of a route that is gone, and knows nothing of a digest', () => {
    const key = 'gone\nhttp://a/\n=secret\n-';
    assert.deepEqual(viewOf({ key }).variant, { 1: '***', 2: null });
    const address = `http://a/${'x'.repeat(2000)}`;
    const long = viewOf({ key: keyMaker(KEY, 'r')({ address, headers: headersOf(), bodyDigest: null }) });
    assert.deepEqual([long.route, long.address], [null, null]);
  });
});
