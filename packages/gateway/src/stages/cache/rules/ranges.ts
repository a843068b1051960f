import { contentRangeField, type Span } from './content-range.ts';

/**
 * Which bytes a request wants. `whole`: all, because it asks for no bytes, or for more parts than we give. `unsatisfiable`: none that are
 * there, or the same ones several times.
 */
export type Wanted =
  | { readonly kind: 'whole' }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'spans'; readonly spans: readonly Span[] };

/** One part of a multipart body: what stands before its bytes, and which they are. */
export interface Part {
  readonly head: string;
  readonly span: Span;
}

/** A body of several parts, with its length in bytes. */
export interface Multipart {
  readonly contentType: string;
  readonly parts: readonly Part[];
  readonly tail: string;
  readonly length: number;
}

const WHOLE: Wanted = { kind: 'whole' };
const UNSATISFIABLE: Wanted = { kind: 'unsatisfiable' };

/** More parts are not given one by one: each costs more than its bytes. */
const MOST_RANGES = 5;
/** Five ranges of two numbers of 15 digits are shorter. */
const MOST_TEXT = 256;
const RANGE = /^(\d{0,15})-(\d{0,15})$/;

/**
 * Reads `Range` for something of so many bytes (RFC 9110 §14.1.2, §14.2). Other units and what makes no sense are as if nobody had asked;
 * who asks for the same bytes twice gets none: only an attack does.
 */
export function wantedBytes(text: string, length: number): Wanted {
  const set = /^bytes=(.*)$/i.exec(text.slice(0, MOST_TEXT + 1))?.[1];
  if (set === undefined || text.length > MOST_TEXT) return WHOLE;
  const texts = set.split(',', MOST_RANGES + 1).map((part) => part.trim());
  if (texts.length > MOST_RANGES) return WHOLE;
  const spans: Span[] = [];
  for (const one of texts) {
    const span = spanOf(one, length);
    if (span === 'malformed') return WHOLE;
    if (span !== null) spans.push(span);
  }
  return spans.length === 0 || overlap(spans) ? UNSATISFIABLE : { kind: 'spans', spans };
}

/** The plan of a `multipart/byteranges` body (RFC 9110 §14.6). `boundary` must not be in what is sent: let it be random. */
export function multipartOf(
  spans: readonly Span[],
  boundary: string,
  {
    contentType,
    completeLength,
  }: { readonly contentType: string | undefined; readonly completeLength: number },
): Multipart {
  const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`;
  const parts = spans.map((span, i) => {
    const start = `${i === 0 ? '' : '\r\n'}--${boundary}\r\n`;
    return { head: `${start}${type}Content-Range: ${contentRangeField(span, completeLength)}\r\n\r\n`, span };
  });
  const tail = `\r\n--${boundary}--\r\n`;
  const length = parts.reduce((sum, { head, span }) => sum + head.length + span.to - span.from, tail.length);
  return { contentType: `multipart/byteranges; boundary=${boundary}`, parts, tail, length };
}

/** Null for a range of which nothing is there. */
function spanOf(text: string, length: number): Span | null | 'malformed' {
  const [, first, last] = RANGE.exec(text) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'malformed';
  if (first === '')
    return Number(last) === 0 || length === 0
      ? null
      : { from: Math.max(0, length - Number(last)), to: length };
  const to = last === '' ? length : Number(last) + 1;
  if (last !== '' && Number(first) >= to) return 'malformed';
  return Number(first) >= length ? null : { from: Number(first), to: Math.min(to, length) };
}

function overlap(spans: readonly Span[]): boolean {
  const sorted = spans.toSorted((a, b) => a.from - b.from);
  return sorted.some(({ from }, i) => from < (sorted[i - 1]?.to ?? 0));
}
