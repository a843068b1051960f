import type { CacheConfig } from '@turnpike/config';
import { headersOf, type Headers } from '../../../core/headers.ts';
import type { Timing } from './age.ts';
import { freshnessOf, type Answer, type Freshness } from './freshness.ts';
import { responseDirectivesOf } from './targeted.ts';

/** When the tests of the rules take place: a whole second, 2026-07-06 00:00:00 GMT. */
export const NOW_MS = Date.UTC(2026, 6, 6);
export const NOW = new Date(NOW_MS).toUTCString();
export const AT_ONCE: Timing = { askedAtMs: NOW_MS, answeredAtMs: NOW_MS };

/** An HTTP date so many seconds from now. */
export function dateAt(seconds: number): string {
  return new Date(NOW_MS + seconds * 1000).toUTCString();
}

/** `Name: value` lines as fields. */
export function fields(...lines: readonly string[]): Headers {
  return headersOf(
    ...lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
    }),
  );
}

/** An answer with these fields, for the status 200 unless the first is a number. */
export function answerOf(...parts: readonly (string | number)[]): Answer {
  const lines = parts.filter((part) => typeof part === 'string');
  const status = parts.find((part) => typeof part === 'number') ?? 200;
  const headers = fields(...lines);
  return { status, headers, directives: responseDirectivesOf(headers) };
}

/** The freshness of an answer that came at once. */
export function freshnessFrom(answer: Answer, changes: Partial<CacheConfig> = {}): Freshness {
  return freshnessOf(answer, AT_ONCE, cacheConfig(changes));
}

/** A cache as it is without any keys in the configuration. */
export function cacheConfig(changes: Partial<CacheConfig> = {}): CacheConfig {
  return {
    mode: 'on',
    store: 'memory',
    sizeBytes: null,
    maxObjectBytes: 1_048_576,
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
    earlyRefresh: false,
    setCookie: 'refuse',
    headErrors: 'refuse',
    checkContentType: false,
    queryMethod: false,
    ...changes,
  };
}
