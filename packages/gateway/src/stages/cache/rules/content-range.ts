import type { Headers } from '../../../core/headers.ts';

/** Bytes `from` up to before `to` of a representation. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a 206 has in its body. */
export interface ContentRange extends Span {
  /** Bytes of the whole, or null if the service does not know. */
  readonly completeLength: number | null;
}

const FORM = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i;
/** Three numbers of 15 digits and what is between them. */
const MOST_TEXT = 60;

/** The one part that a 206 has, or null for several parts, other units and what makes no sense (RFC 9110 §14.4). */
export function contentRangeOf(headers: Headers): ContentRange | null {
  const text = headers.getList('content-range');
  if (text === undefined || text.length > MOST_TEXT) return null;
  const [, first, last, length = '*'] = FORM.exec(text) ?? [];
  if (first === undefined || last === undefined) return null;
  const completeLength = length === '*' ? null : Number(length);
  const to = Number(last) + 1;
  if (Number(first) >= to || (completeLength !== null && to > completeLength)) return null;
  return { from: Number(first), to, completeLength };
}

/** `Content-Range` for a part, or with null for none of them (RFC 9110 §14.4, §15.5.17). */
export function contentRangeField(span: Span | null, completeLength: number): string {
  return `bytes ${span === null ? '*' : `${span.from}-${span.to - 1}`}/${completeLength}`;
}
