import type { CompressConfig } from '@turnpike/config';
import { bodyLength, UNKNOWN_LENGTH } from '../../core/body.ts';
import type { Reply } from '../../core/exchange.ts';
import { isEventStream } from '../../core/http/endless.ts';
import { isContentCoded } from '../../core/http/content-coding.ts';
import type { Headers } from '../../core/headers.ts';

/** Whether a reply is of a kind that is compressed for those who like it, whoever asks: then it varies by what they like. */
export type IsCompressible = (reply: Reply, method: string) => boolean;

/**
 * What stays as it is: what is coded already, short, or of another type; parts (RFC 9110 §15.3.7); what says `no-transform`
 * (RFC 9111 §5.2.2.6); and streams of events, which are worth nothing late.
 */
export function isCompressible({ minBytes, types }: CompressConfig): IsCompressible {
  const isType = typeMatcher(types);
  return (reply, method) => {
    const { body, headers, status, tunnel } = reply;
    if (tunnel !== null || status < 200 || status === 206) return false;
    const length = body === null ? promisedLength(headers, method) : bodyLength(body);
    if (length !== UNKNOWN_LENGTH && length < minBytes) return false;
    if (!isType(headers.get('content-type')) || isEventStream(reply)) return false;
    return !isContentCoded(headers) && !headers.has('content-range') && !mustStay(headers);
  };
}

/** Of the body that GET would have; without a word of it, none. */
function promisedLength(headers: Headers, method: string): number {
  return method === 'HEAD' ? Number(headers.get('content-length') ?? 0) : 0;
}

function mustStay(headers: Headers): boolean {
  return /\bno-transform\b/i.test(headers.getList('cache-control') ?? '');
}

/** Services say the same types again and again, so the answers are kept. */
function typeMatcher(types: readonly string[]): (contentType: string | undefined) => boolean {
  const whole = new Set(types);
  const suffixes = types.filter((type) => type.startsWith('+'));
  const known = new Map<string, boolean>();

  function matches(field: string): boolean {
    const type = (field.split(';', 1)[0] ?? '').trim().toLowerCase();
    const main = type.slice(0, type.indexOf('/'));
    if (type === 'application/grpc' || type.startsWith('application/grpc+')) return false;
    return whole.has(type) || whole.has(`${main}/*`) || suffixes.some((suffix) => type.endsWith(suffix));
  }

  return (field) => {
    if (field === undefined) return false;
    const before = known.get(field);
    if (before !== undefined) return before;
    const answer = matches(field);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(field, answer);
    return answer;
  };
}

const MOST_KNOWN = 256;
