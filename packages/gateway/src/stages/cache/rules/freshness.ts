import type { CacheConfig } from '@turnpike/config';
import type { Headers } from '../../../core/headers.ts';
import { bornAtMsOf, dateMsOf, type Timing } from './age.ts';
import { MOST_SECONDS } from './directives.ts';
import { parseHttpDate } from './http-date.ts';
import type { ResponseDirectives } from './response-directives.ts';
import { isHeuristicallyCacheable } from './statuses.ts';

/** The answer of a service, with what it says about being kept. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly directives: ResponseDirectives;
}

/** How long a response is good, and what for. Plain numbers, worked out once when it is stored or validated. */
export interface Freshness {
  /** When it was of age 0; it is `now - bornAtMs` old. */
  readonly bornAtMs: number;
  /** It is fresh while it is younger than that. */
  readonly lifetimeMs: number;
  readonly source: FreshnessSource;
  /** Never without asking, not without asking once it is stale, or as configured and wished. */
  readonly validation: 'always' | 'when-stale' | 'usual';
  /** How long after its lifetime it may be given while it is asked for again (RFC 5861 §3). */
  readonly staleWhileRevalidateMs: number;
  /** How long after its lifetime it may be given in place of an error (RFC 5861 §4). */
  readonly staleIfErrorMs: number;
}

/** Who said how long: the response, the configuration, or the age of what it is about. */
export type FreshnessSource =
  | 's-maxage'
  | 'max-age'
  | 'expires'
  | 'status'
  | 'default'
  | 'heuristic'
  | 'none';

type Lifetime = readonly [source: FreshnessSource, lifetimeMs: number];
type FreshnessConfig = Pick<
  CacheConfig,
  'statusTtlMs' | 'defaultTtlMs' | 'heuristic' | 'staleWhileRevalidateMs' | 'staleIfErrorMs'
>;

const MOST_MS = MOST_SECONDS * 1000;
/** An error that nobody gave a time is kept for so long at most: it may be gone with the next try. */
const MOST_NEGATIVE_MS = 10_000;
/** Part of the time since the last change, and the most of it (RFC 9111 §4.2.2). */
const HEURISTIC_FRACTION = 0.1;
const MOST_HEURISTIC_MS = 86_400_000;

/** How long an answer is good (RFC 9111 §4.2). */
export function freshnessOf(answer: Answer, timing: Timing, config: FreshnessConfig): Freshness {
  const { directives, headers } = answer;
  const [source, lifetimeMs] = explicitLifetime(answer, timing) ?? configuredLifetime(answer, timing, config);
  return {
    bornAtMs: bornAtMsOf(headers, timing),
    lifetimeMs: Math.min(lifetimeMs, MOST_MS),
    source,
    validation: validationOf(directives),
    staleWhileRevalidateMs: windowMs(
      directives,
      directives.staleWhileRevalidateSeconds,
      config.staleWhileRevalidateMs,
    ),
    staleIfErrorMs: windowMs(directives, directives.staleIfErrorSeconds, config.staleIfErrorMs),
  };
}

/** What the service says (RFC 9111 §4.2.1). */
function explicitLifetime({ directives, headers }: Answer, timing: Timing): Lifetime | null {
  const { sharedMaxAgeSeconds, maxAgeSeconds, source } = directives;
  if (sharedMaxAgeSeconds !== null) return ['s-maxage', sharedMaxAgeSeconds * 1000];
  if (maxAgeSeconds !== null) return ['max-age', maxAgeSeconds * 1000];
  const expires = source === 'targeted' ? undefined : headers.getList('expires');
  if (expires === undefined) return null;
  const expiresMs = parseHttpDate(expires, timing.answeredAtMs);
  // Anything else than one date, above all 0, is a time that has gone by (§5.3).
  return ['expires', expiresMs === null ? 0 : Math.max(0, expiresMs - dateMsOf(headers, timing))];
}

/** What the configuration says of responses that say nothing. */
function configuredLifetime(answer: Answer, timing: Timing, config: FreshnessConfig): Lifetime {
  const { status } = answer;
  const statusMs = config.statusTtlMs[status];
  if (statusMs !== undefined) return ['status', statusMs];
  if (config.defaultTtlMs > 0 && isHeuristicallyCacheable(status) && status < 500) {
    return ['default', status < 400 ? config.defaultTtlMs : Math.min(config.defaultTtlMs, MOST_NEGATIVE_MS)];
  }
  return config.heuristic ? heuristicLifetime(answer, timing) : ['none', 0];
}

/** A tenth of the time for which it has not changed (RFC 9111 §4.2.2). */
function heuristicLifetime({ status, headers, directives }: Answer, timing: Timing): Lifetime {
  const text = headers.get('last-modified');
  const changedMs = text === undefined ? null : parseHttpDate(text, timing.answeredAtMs);
  if (changedMs === null || !(isHeuristicallyCacheable(status) || directives.isPublic)) return ['none', 0];
  const unchangedMs = Math.max(0, dateMsOf(headers, timing) - changedMs);
  return ['heuristic', Math.min(Math.floor(unchangedMs * HEURISTIC_FRACTION), MOST_HEURISTIC_MS)];
}

/** RFC 9111 §5.2.2.2, §5.2.2.4, §5.2.2.8, and §5.2.2.10: `s-maxage` is `proxy-revalidate` as well. */
function validationOf(directives: ResponseDirectives): Freshness['validation'] {
  if (directives.noCache) return 'always';
  const { mustRevalidate, proxyRevalidate, sharedMaxAgeSeconds } = directives;
  return mustRevalidate || proxyRevalidate || sharedMaxAgeSeconds !== null ? 'when-stale' : 'usual';
}

/**
 * How long a stale response may be given. A service that forbids it is obeyed (RFC 9111 §4.2.4). `s-maxage` forbids what only the
 * configuration allows; who writes a window beside it, as many do, means the window.
 */
function windowMs(directives: ResponseDirectives, seconds: number | null, configuredMs: number): number {
  if (directives.noCache || directives.mustRevalidate || directives.proxyRevalidate) return 0;
  if (seconds !== null) return seconds * 1000;
  return directives.sharedMaxAgeSeconds === null ? configuredMs : 0;
}
