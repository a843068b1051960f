import { bodyLength, isWhole, type Body } from '../../core/body.ts';
import type { Reply } from '../../core/exchange.ts';
import { copiedBody } from './copied-body.ts';
import type { Fitting } from './look.ts';
import { contentRangeField, contentRangeOf } from './rules/content-range.ts';
import { combined, isComplete, mayCombine } from './rules/partial.ts';
import { updatedFields } from './rules/stored-head.ts';
import { SequenceBody } from './sequence-body.ts';

// Replies that are put together from what is stored and from what a service has just said. They may go to a client as any reply does, so
// what is stored is copied.

/** A stored part with the one that came: together they are a larger part or all of it (RFC 9111 §3.4). Null: they do not belong together. */
export function joined(part: Fitting, reply: Reply): Reply | null {
  const one = contentRangeOf(part.head.headers);
  const other = reply.status === 206 ? contentRangeOf(reply.headers) : null;
  if (one === null || other === null || !mayCombine(part.head.headers, reply.headers)) return null;
  // A cookie decides itself whether its response is stored.
  if (reply.headers.has('set-cookie')) return null;
  const span = combined(one, other);
  if (span === null || bodyLength(reply.body) !== other.to - other.from) return null;
  const bytes = (from: number, to: number): Body =>
    from < to ? copied(part.body(from - one.from, to - one.from)) : null;
  const bodies = [bytes(one.from, other.from), reply.body, bytes(other.to, one.to)];
  const whole = { ...span, completeLength: other.completeLength };
  const headers = updatedFields(part.head.headers, reply.headers);
  headers.delete('content-range');
  const body = inSequence(bodies, span.to - span.from);
  if (isComplete(whole)) return { ...reply, status: 200, headers, body };
  headers.append('Content-Range', contentRangeField(span, whole.completeLength ?? 0));
  return { ...reply, headers, body };
}

/** The response for other request fields that a service has chosen for these as well (RFC 9111 §4.3.4). */
export function chosen(other: Fitting, notModified: Reply): Reply {
  const { head, length } = other;
  const headers = updatedFields(head.headers, notModified.headers);
  return { ...notModified, status: head.status, headers, body: copied(other.body(0, length)) };
}

function copied(body: Body): Body {
  return isWhole(body) ? body : copiedBody(body);
}

function inSequence(bodies: readonly Body[], length: number): Body {
  return bodies.every(isWhole) ? bodies.join('') : new SequenceBody(bodies, length);
}
