import { isToken } from '../../../core/http/token.ts';
import { deltaSeconds, MOST_DIRECTIVE_TEXT, parseDirectives, type Directive } from './directives.ts';
import { rememberedReading } from './remembered-reading.ts';

/**
 * What a service says about keeping its response (RFC 9111 §5.2.2, RFC 5861, RFC 8246 is of no use to a shared cache). Of what is
 * said twice the stricter counts (§4.2.1). A number that is none is 0.
 */
export interface ResponseDirectives {
  /** `targeted`: it was in a field for caches like us, so `Cache-Control` and `Expires` mean nothing (RFC 9213 §2.2). */
  readonly source: 'none' | 'cache-control' | 'targeted';
  readonly noStore: boolean;
  /** Never to be used without asking the service. */
  readonly noCache: boolean;
  readonly isPrivate: boolean;
  readonly isPublic: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly maxAgeSeconds: number | null;
  readonly sharedMaxAgeSeconds: number | null;
  readonly staleWhileRevalidateSeconds: number | null;
  readonly staleIfErrorSeconds: number | null;
  /** Fields, in lower case, that are not for others or not without asking: they are not stored (§5.2.2.4, §5.2.2.7). */
  readonly withheldFields: readonly string[];
}

/** A response that says nothing. */
export const SAYS_NOTHING: ResponseDirectives = Object.freeze({
  source: 'none',
  noStore: false,
  noCache: false,
  isPrivate: false,
  isPublic: false,
  mustRevalidate: false,
  proxyRevalidate: false,
  mustUnderstand: false,
  maxAgeSeconds: null,
  sharedMaxAgeSeconds: null,
  staleWhileRevalidateSeconds: null,
  staleIfErrorSeconds: null,
  withheldFields: [],
});

/** More fields in `private="…"` count as if all were named. */
const MOST_FIELDS = 32;

type Draft = { -readonly [K in keyof ResponseDirectives]: ResponseDirectives[K] };

/** What a `Cache-Control` of a response says. A text that is too long to be meant forbids to store. */
export const readCacheControl = rememberedReading((text: string): ResponseDirectives => {
  if (text.length > MOST_DIRECTIVE_TEXT) return { ...SAYS_NOTHING, source: 'cache-control', noStore: true };
  return gathered('cache-control', parseDirectives(text));
});

/** What directives mean together. Unknown ones mean nothing. */
export function gathered(
  source: ResponseDirectives['source'],
  directives: readonly Directive[],
): ResponseDirectives {
  const draft: Draft = { ...SAYS_NOTHING, source };
  for (const { name, argument } of directives) take(draft, name, argument);
  return draft;
}

function take(draft: Draft, name: string, argument: string | null): void {
  switch (name) {
    case 'no-store':
      draft.noStore = true;
      return;
    case 'no-cache':
      if (!withhold(draft, argument)) draft.noCache = true;
      return;
    case 'private':
      if (!withhold(draft, argument)) draft.isPrivate = true;
      return;
    case 'public':
      draft.isPublic = true;
      return;
    case 'must-revalidate':
      draft.mustRevalidate = true;
      return;
    case 'proxy-revalidate':
      draft.proxyRevalidate = true;
      return;
    case 'must-understand':
      draft.mustUnderstand = true;
      return;
    case 'max-age':
      draft.maxAgeSeconds = least(draft.maxAgeSeconds, argument);
      return;
    case 's-maxage':
      draft.sharedMaxAgeSeconds = least(draft.sharedMaxAgeSeconds, argument);
      return;
    case 'stale-while-revalidate':
      draft.staleWhileRevalidateSeconds = least(draft.staleWhileRevalidateSeconds, argument);
      return;
    case 'stale-if-error':
      draft.staleIfErrorSeconds = least(draft.staleIfErrorSeconds, argument);
  }
}

function least(known: number | null, argument: string | null): number {
  const seconds = deltaSeconds(argument) ?? 0;
  return known === null ? seconds : Math.min(known, seconds);
}

/** Takes over the names of fields. False if there are none that make sense: the directive is about the whole response then. */
function withhold(draft: Draft, argument: string | null): boolean {
  if (argument === null) return false;
  const parts = argument.split(',', MOST_FIELDS + 1).map((part) => part.trim().toLowerCase());
  const names = parts.filter((part) => part !== '');
  if (names.length === 0 || parts.length > MOST_FIELDS || !names.every(isToken)) return false;
  draft.withheldFields = [...new Set([...draft.withheldFields, ...names])];
  return true;
}
