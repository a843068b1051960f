import { randomBytes } from 'node:crypto';
import { UNKNOWN_LENGTH, type Body } from '../../core/body.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import { copiedBody } from './copied-body.ts';
import type { ResponseHead } from './cached-head.ts';
import { ageField } from './rules/age.ts';
import { appendCacheStatus, cacheStatusMember, type CacheOutcome } from './rules/cache-status.ts';
import { isRangeWanted, notModifiedFields, verdictOf } from './rules/conditions.ts';
import { contentRangeField, contentRangeOf, type Span } from './rules/content-range.ts';
import { holds } from './rules/partial.ts';
import { multipartOf, wantedBytes } from './rules/ranges.ts';
import { SequenceBody } from './sequence-body.ts';

/** A response that can be given to a client: one that is stored, or one that is just coming. It is held until it is released. */
export interface Servable {
  readonly head: ResponseHead;
  /** Bytes of the body, or `UNKNOWN_LENGTH`. */
  readonly length: number;
  body(from: number, to: number): Body;
  release(): void;
}

/** How it came to be given. */
export interface Manner {
  readonly outcome: CacheOutcome;
  readonly detail: string;
  readonly nowMs: number;
}

/** Gives a response to a client as far as its conditions and ranges ask for it, and lets go of it when the reply is over. */
export function serve(exchange: Exchange, servable: Servable, manner: Manner): Reply {
  const { head } = servable;
  const { headers } = exchange;
  if (verdictOf(headers, head, manner.nowMs) === 'not-modified') {
    servable.release();
    return reply(304, withOurs(notModifiedFields(head.headers), head, manner), null);
  }
  const own = withOurs(head.headers.share(), head, manner);
  if (exchange.method === 'HEAD') {
    servable.release();
    if (servable.length !== UNKNOWN_LENGTH) own.append('Content-Length', String(servable.length));
    return reply(head.status, own, null);
  }
  const wanted = wantedOf(exchange, servable);
  if (wanted.kind === 'unsatisfiable') return unsatisfiable(servable, own);
  if (wanted.kind === 'spans') return partial(exchange, servable, { ...wanted, own });
  return reply(head.status, own, held(exchange, servable, servable.body(0, wholeOf(servable))));
}

/** Whether a response has what a request wants: a stored part may not. */
export function suffices(exchange: Exchange, servable: Extended): boolean {
  return servable.head.status !== 206 || wantedOf(exchange, servable).kind === 'spans';
}

/**
 * What a request wants of what is there. `whole`: all of that, also where it is a part that the service has chosen itself, which need not be
 * the one that it was asked for (RFC 9110 §15.3.7). A HEAD has no ranges (§14.2).
 */
function wantedOf({ method, headers }: Exchange, servable: Extended): Wanted {
  const range = method === 'HEAD' ? undefined : headers.get('range');
  const extent = range === undefined ? null : extentOf(servable);
  if (range === undefined || extent === null || !isRangeWanted(headers, servable.head.headers)) return WHOLE;
  const wanted = wantedBytes(range, extent.completeLength);
  if (wanted.kind === 'spans' && holds(extent, wanted.spans)) return { ...wanted, extent };
  return wanted.kind === 'unsatisfiable' && servable.head.status === 200 ? wanted : WHOLE;
}

type Extended = Pick<Servable, 'head' | 'length'>;

type Wanted =
  | { readonly kind: 'whole' | 'unsatisfiable' }
  | { readonly kind: 'spans'; readonly spans: readonly Span[]; readonly extent: Extent };

const WHOLE: Wanted = { kind: 'whole' };

/** Which bytes are there, of how many; null: it is nothing of which there are parts. */
function extentOf({ head, length }: Extended): Extent | null {
  if (length === UNKNOWN_LENGTH) return null;
  if (head.status === 200) return { from: 0, to: length, completeLength: length };
  const part = head.status === 206 ? contentRangeOf(head.headers) : null;
  return part === null || part.completeLength === null
    ? null
    : { ...part, completeLength: part.completeLength };
}

interface Extent extends Span {
  readonly completeLength: number;
}

interface Parting {
  readonly spans: readonly Span[];
  readonly own: Headers;
  readonly extent: Extent;
}

function partial(exchange: Exchange, servable: Servable, { spans, own, extent }: Parting): Reply {
  const length = extent.completeLength;
  const bytes = (from: number, to: number) => servable.body(from - extent.from, to - extent.from);
  const [only, ...others] = spans;
  if (only !== undefined && others.length === 0) {
    own.set('Content-Range', contentRangeField(only, length));
    return reply(206, own, held(exchange, servable, bytes(only.from, only.to)));
  }
  const contentType = servable.head.headers.get('content-type');
  const boundary = randomBytes(18).toString('base64url');
  const plan = multipartOf(spans, boundary, { contentType, completeLength: length });
  own.set('Content-Type', plan.contentType);
  own.delete('content-range');
  const bodies = plan.parts.flatMap(({ head, span }) => [head, bytes(span.from, span.to)]);
  return reply(206, own, held(exchange, servable, new SequenceBody([...bodies, plan.tail], plan.length)));
}

function unsatisfiable(servable: Servable, own: Headers): Reply {
  servable.release();
  for (const name of ['content-type', 'content-encoding', 'etag', 'last-modified']) own.delete(name);
  own.set('Content-Range', contentRangeField(null, servable.length));
  return reply(416, own, null);
}

/** A body that is read in place is held until nobody reads it any more. */
function held(exchange: Exchange, servable: Servable, body: Body): Body {
  if (typeof body !== 'object' || body === null) {
    servable.release();
    return body;
  }
  exchange.whenReplyEnded(() => servable.release());
  return exchange.version === '2' ? copiedBody(body) : body;
}

function wholeOf({ length }: Servable): number {
  return length === UNKNOWN_LENGTH ? Infinity : length;
}

/** With `Age` (RFC 9111 §5.1) and `Cache-Status` (RFC 9211). */
function withOurs(
  headers: Headers,
  { freshness }: ResponseHead,
  { outcome, detail, nowMs }: Manner,
): Headers {
  headers.append('Age', String(ageField(freshness.bornAtMs, nowMs)));
  appendCacheStatus(headers, cacheStatusMember(outcome, detail));
  return headers;
}

function reply(status: number, headers: Headers, body: Body): Reply {
  return { status, headers, body, code: '', tunnel: null };
}
