import type { Headers } from '../../../core/headers.ts';
import { contentRangeOf, type ContentRange, type Span } from './content-range.ts';
import { strongValidatorOf } from './validators.ts';

// What is stored of a response in part (RFC 9111 §3.3, §3.4).

/** Whether all the bytes that are wanted are among those that are there. */
export function holds(stored: Span, wanted: readonly Span[]): boolean {
  return wanted.every(({ from, to }) => from >= stored.from && to <= stored.to);
}

/**
 * Whether two parts may be put together: they are of the same bytes, by a strong validator that both have, and of the same whole
 * (RFC 9110 §15.3.7.3).
 */
export function mayCombine(one: Headers, other: Headers): boolean {
  const validator = strongValidatorOf(one);
  if (validator === null || validator !== strongValidatorOf(other)) return false;
  const length = contentRangeOf(one)?.completeLength ?? null;
  return length !== null && length === contentRangeOf(other)?.completeLength;
}

/** What two parts make together, or null if there is a gap between them: then the newer one is kept (RFC 9111 §3.4). */
export function combined(one: Span, other: Span): Span | null {
  if (one.to < other.from || other.to < one.from) return null;
  return { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };
}

/** Whether a part is all there is. */
export function isComplete({ from, to, completeLength }: ContentRange): boolean {
  return from === 0 && to === completeLength;
}

/** What is missing of a part, and of how many bytes. */
export interface Completion {
  readonly range: string;
  readonly ifRange: string;
  readonly completeLength: number;
}

/**
 * What to ask for to complete a part: `Range` and, so that nothing is put together that does not belong together, `If-Range`
 * (RFC 9110 §13.1.5). Null if it has no strong validator, or both ends are missing: then ask for all.
 */
export function completion(stored: Headers): Completion | null {
  const part = contentRangeOf(stored);
  const ifRange = strongValidatorOf(stored);
  if (part === null || ifRange === null || part.completeLength === null) return null;
  const { from, to, completeLength } = part;
  if (from === 0) return { range: `bytes=${to}-`, ifRange, completeLength };
  return to === completeLength ? { range: `bytes=0-${from - 1}`, ifRange, completeLength } : null;
}
