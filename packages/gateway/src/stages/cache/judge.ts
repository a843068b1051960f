import { bodyLength } from '../../core/body.ts';
import type { CacheConfig } from '@turnpike/config';
import type { Reply } from '../../core/exchange.ts';
import { isEndless } from '../../core/http/endless.ts';
import type { Asking } from './asking.ts';
import type { ResponseHead, VariantWay } from './cached-head.ts';
import type { Timing } from './rules/age.ts';
import { contentRangeOf } from './rules/content-range.ts';
import { isDeceptive } from './rules/content-type.ts';
import { freshnessOf, type Answer } from './rules/freshness.ts';
import { storedFields } from './rules/stored-head.ts';
import { storingOf, type NotStored } from './rules/storable.ts';
import { tagsOf } from './rules/tags.ts';
import { responseDirectivesOf } from './rules/targeted.ts';
import { strongValidatorOf } from './rules/validators.ts';

/** What is the same for all requests of a route. */
export interface FetchPlan {
  readonly config: CacheConfig;
  readonly route: string;
  /** Whether the route knows who calls. */
  readonly isIdentified: boolean;
  readonly timeoutMs: number | null;
}

/** A reply that may be kept: as it is stored, for whom, and by what it can be purged. */
export interface Keepable {
  readonly head: ResponseHead;
  readonly whose: VariantWay['whose'];
  readonly tags: readonly string[];
}

/** Why a reply is not kept. */
export type NotKept = NotStored | 'ours' | 'too-large' | 'part' | 'stream' | 'content-type' | 'tags' | 'busy';

/** Whether the head of an answer may be stored by the rules, and as what; for an answer of which the body is known. */
export function judgeHead(
  { config, route, isIdentified }: FetchPlan,
  { exchange, wishes, address }: Asking,
  { status, headers, timing }: { readonly timing: Timing } & Pick<Answer, 'status' | 'headers'>,
): Keepable | NotKept {
  const answer: Answer = { status, headers, directives: responseDirectivesOf(headers) };
  const freshness = freshnessOf(answer, timing, config);
  const question = {
    // Of a HEAD, the answer to the GET is judged that it is about.
    method: exchange.method === 'HEAD' ? 'GET' : exchange.method,
    headers: exchange.headers,
    wishes,
    hasBody: exchange.method === 'GET' && exchange.body !== null,
    caller: isIdentified ? 'known' : 'unknown',
  } as const;
  const storing = storingOf(question, { ...answer, timing, freshness }, config);
  if (storing.kind === 'not') return storing.reason;
  const tags = tagsOf(headers, { address, route }, config);
  if (tags === null) return 'tags';
  return {
    head: {
      kind: 'response',
      status,
      headers: storedFields(answer, timing, config),
      freshness,
      answeredAtMs: timing.answeredAtMs,
      fetchMs: timing.answeredAtMs - timing.askedAtMs,
    },
    whose: storing.kind === 'for-caller' ? 'caller' : 'everybody',
    tags,
  };
}

/** Whether a reply of a service may be kept, and as what. */
export function judge(plan: FetchPlan, asking: Asking, reply: Reply, timing: Timing): Keepable | NotKept {
  const { config } = plan;
  const { status, headers, body } = reply;
  if (reply.code !== '') return 'ours';
  if (isEndless(reply)) return 'stream';
  if (bodyLength(body) > config.maxObjectBytes) return 'too-large';
  if (status === 206 && !isWholePart(reply)) return 'part';
  if (config.checkContentType && isDeceptive(asking.exchange.path, headers.get('content-type')))
    return 'content-type';
  return judgeHead(plan, asking, { status, headers, timing });
}

/** A part that has the bytes that it says, which are the same for whoever asks later (RFC 9110 §15.3.7). */
function isWholePart({ headers, body }: Reply): boolean {
  const part = contentRangeOf(headers);
  if (part === null || part.completeLength === null || strongValidatorOf(headers) === null) return false;
  return bodyLength(body) === part.to - part.from;
}
