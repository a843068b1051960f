import type { Headers } from '../../../core/headers.ts';
import { deltaSeconds, MOST_DIRECTIVE_TEXT, MOST_SECONDS, parseDirectives } from './directives.ts';
import { rememberedReading } from './remembered-reading.ts';

/** What a request wants of a cache (RFC 9111 §5.2.1). */
export interface RequestDirectives {
  readonly noCache: boolean;
  readonly noStore: boolean;
  readonly onlyIfCached: boolean;
  /** Nothing older; null: of any age. */
  readonly maxAgeSeconds: number | null;
  /** Nothing that is fresh for less than that. */
  readonly minFreshSeconds: number;
  /** How long ago it may have become stale; 0: not at all. */
  readonly maxStaleSeconds: number;
}

/** A request that says nothing, or that is not listened to (`ignoreClientCacheControl`). */
export const NO_WISHES: RequestDirectives = Object.freeze({
  noCache: false,
  noStore: false,
  onlyIfCached: false,
  maxAgeSeconds: null,
  minFreshSeconds: 0,
  maxStaleSeconds: 0,
});

const remembered = rememberedReading(read);
const rememberedPragma = rememberedReading(readPragma);

/**
 * What the request wants. `Pragma: no-cache` counts only without `Cache-Control` (RFC 9111 §5.4). Of what is said twice, the
 * stricter counts; a number that is none is `max-age=0`, and no wish in `min-fresh` and `max-stale`.
 */
export function requestDirectivesOf(headers: Headers): RequestDirectives {
  const text = headers.getList('cache-control');
  if (text !== undefined) return remembered(text);
  const pragma = headers.getList('pragma');
  return pragma === undefined ? NO_WISHES : rememberedPragma(pragma);
}

function read(text: string): RequestDirectives {
  if (text.length > MOST_DIRECTIVE_TEXT) return NO_WISHES;
  const wishes = { ...NO_WISHES };
  const maxStale: number[] = [];
  for (const { name, argument } of parseDirectives(text)) {
    const seconds = deltaSeconds(argument) ?? 0;
    if (name === 'no-cache') wishes.noCache = true;
    else if (name === 'no-store') wishes.noStore = true;
    else if (name === 'only-if-cached') wishes.onlyIfCached = true;
    else if (name === 'max-age') wishes.maxAgeSeconds = Math.min(wishes.maxAgeSeconds ?? seconds, seconds);
    else if (name === 'min-fresh') wishes.minFreshSeconds = Math.max(wishes.minFreshSeconds, seconds);
    else if (name === 'max-stale') maxStale.push(argument === null ? MOST_SECONDS : seconds);
  }
  if (maxStale.length > 0) wishes.maxStaleSeconds = Math.min(...maxStale);
  return wishes;
}

function readPragma(text: string): RequestDirectives {
  const isLong = text.length > MOST_DIRECTIVE_TEXT;
  const noCache = !isLong && parseDirectives(text).some(({ name }) => name === 'no-cache');
  return noCache ? { ...NO_WISHES, noCache } : NO_WISHES;
}
