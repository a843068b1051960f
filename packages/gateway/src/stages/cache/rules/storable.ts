import type { CacheConfig } from '@turnpike/config';
import type { Headers } from '../../../core/headers.ts';
import type { Timing } from './age.ts';
import { contentRangeOf } from './content-range.ts';
import type { Answer, Freshness } from './freshness.ts';
import type { RequestDirectives } from './request-directives.ts';
import { isAboutTheHead, isHeuristicallyCacheable, isUnderstood } from './statuses.ts';
import { varyingFields } from './vary.ts';

/** What was asked, as far as it matters for storing the answer. */
export interface Question {
  readonly method: string;
  readonly headers: Headers;
  readonly wishes: RequestDirectives;
  /** Whether it came with a body, which no key of a GET has in it. */
  readonly hasBody: boolean;
  /** Whether the route knows who calls, so that a response can be for that caller alone. */
  readonly caller: 'known' | 'unknown';
}

/** An answer and how long it is good. */
export interface Candidate extends Answer {
  readonly timing: Timing;
  readonly freshness: Freshness;
}

type StorableConfig = Pick<CacheConfig, 'key' | 'setCookie' | 'headErrors' | 'queryMethod'>;

/** For whom a response may be stored, or why not; the reason is one of a few tokens, for `detail` of `Cache-Status`. */
export type Storing =
  | { readonly kind: 'for-all' }
  | { readonly kind: 'for-caller' }
  | { readonly kind: 'not'; readonly reason: NotStored };

export type NotStored =
  | 'method'
  | 'request-body'
  | 'request-no-store'
  | 'status'
  | 'not-understood'
  | 'no-store'
  | 'private'
  | 'vary'
  | 'set-cookie'
  | 'authorization'
  | 'no-freshness'
  | 'useless';

const FOR_ALL: Storing = { kind: 'for-all' };
const FOR_CALLER: Storing = { kind: 'for-caller' };

/**
 * Whether an answer may be stored, and for whom (RFC 9111 §3, §3.5). Answers to POST are not, though RFC 9110 §9.3.3 would let us: its
 * body is in no key, so who sends it could choose what all get. Every reason against it is looked for, in this order: what was
 * asked, what was answered, what it would be good for.
 *
 * On a route that knows its callers a response is for one caller, unless it says that it is for all (`public`, `s-maxage`) or the
 * configuration does; so nobody gets what was made for somebody else because a service forgot to say `private`.
 */
export function storingOf(question: Question, candidate: Candidate, config: StorableConfig): Storing {
  const reason =
    questionObstacle(question, config) ?? answerObstacle(candidate, config) ?? purposeObstacle(candidate);
  if (reason !== null) return { kind: 'not', reason };
  if (question.caller === 'known') return forCaller(candidate, config) ? FOR_CALLER : FOR_ALL;
  const isShareable = !question.headers.has('authorization') || mayShareAuthorised(candidate);
  return isShareable ? FOR_ALL : { kind: 'not', reason: 'authorization' };
}

function questionObstacle(
  { method, hasBody, wishes }: Question,
  { queryMethod }: StorableConfig,
): NotStored | null {
  const isQuery = method === 'QUERY' && queryMethod;
  if (method !== 'GET' && !isQuery) return 'method';
  if (method === 'GET' && hasBody) return 'request-body';
  return wishes.noStore ? 'request-no-store' : null;
}

function answerObstacle(candidate: Candidate, { setCookie, headErrors }: StorableConfig): NotStored | null {
  const { status, headers, directives, freshness } = candidate;
  if (status < 200 || status === 304) return 'status';
  if (isAboutTheHead(status) && !(headErrors === 'explicit' && isExplicit(freshness))) return 'status';
  if (status === 206 && contentRangeOf(headers) === null) return 'status';
  if (directives.mustUnderstand && !isUnderstood(status)) return 'not-understood';
  // Who understands the status may pass over a `no-store` that is there for those who do not (RFC 9111 §5.2.2.3).
  if (directives.noStore && !directives.mustUnderstand) return 'no-store';
  if (directives.isPrivate) return 'private';
  if (varyingFields(headers) === null) return 'vary';
  const hasCookie = headers.has('set-cookie') && !directives.withheldFields.includes('set-cookie');
  return hasCookie && setCookie === 'refuse' ? 'set-cookie' : null;
}

/** Whether anybody says that it may be kept, and whether it could ever be used. */
function purposeObstacle({ status, headers, directives, freshness, timing }: Candidate): NotStored | null {
  const isAllowed =
    freshness.source !== 'none' ||
    directives.isPublic ||
    (directives.noCache && isHeuristicallyCacheable(status));
  if (!isAllowed) return 'no-freshness';
  const { staleIfErrorMs, staleWhileRevalidateMs, validation } = freshness;
  const leftMs = freshness.lifetimeMs - (timing.answeredAtMs - freshness.bornAtMs);
  const isUsable =
    (leftMs > 0 && validation !== 'always') || leftMs + Math.max(staleIfErrorMs, staleWhileRevalidateMs) > 0;
  return isUsable || headers.has('etag') || headers.has('last-modified') ? null : 'useless';
}

function forCaller({ directives }: Candidate, { key }: StorableConfig): boolean {
  if (key.identity !== 'auto') return key.identity === 'always';
  return !directives.isPublic && directives.sharedMaxAgeSeconds === null;
}

/** What lets a shared cache use what was answered to a request with credentials for others (RFC 9111 §3.5). */
export function mayShareAuthorised({ directives }: Pick<Answer, 'directives'>): boolean {
  return directives.isPublic || directives.mustRevalidate || directives.sharedMaxAgeSeconds !== null;
}

function isExplicit({ source }: Freshness): boolean {
  return source === 's-maxage' || source === 'max-age' || source === 'expires';
}
