import type { CompressConfig, CompressionCoding } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Body } from '../../core/body.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import { varyBy } from '../../core/http/vary.ts';
import { chooseCoding } from './choose-coding.ts';
import { isCompressible } from './compressible.ts';
import { EncodedBody, type EncodedBodies } from './encoded-body.ts';
import { encodedText } from './encoders.ts';

/** What the stage reaches the world through. */
export interface CompressPorts {
  readonly decisions: DecisionsOf;
  /** Of this thread. */
  readonly encodedBodies: EncodedBodies;
}

/** An encoder takes up to a megabyte; when so many are at work, others go as they are. */
const MOST_OPEN = 1000;

/** What says something about the bytes that are sent, and is no longer true (RFC 9530, RFC 9110 §14.3). */
const ABOUT_BYTES = ['content-digest', 'repr-digest', 'digest', 'content-md5', 'accept-ranges'];

/**
 * Compresses replies in the coding that the client likes best (RFC 9110 §8.4). What could be compressed varies by
 * `Accept-Encoding`, also where it is not, and its strong validator becomes a weak one: it is no longer the same bytes.
 */
export function compress(
  config: CompressConfig | null,
  { decisions, encodedBodies }: CompressPorts,
): Wrapper | null {
  if (config === null) return null;
  const choose = chooseCoding(config.codings);
  const isWorthIt = isCompressible(config);
  const vary = varyBy('Accept-Encoding');
  const count = decisions('compress');
  const isReport = config.mode === 'report';

  /** Null: it is better as it is. */
  function coded(reply: Reply, coding: CompressionCoding): Reply | null {
    const body = codedBody(reply.body, coding, encodedBodies);
    if (body === undefined) return null;
    const headers = reply.headers.share();
    for (const name of ABOUT_BYTES) headers.delete(name);
    // Of HEAD it would be the length of another body.
    if (body === null) headers.delete('content-length');
    else headers.append('Content-Encoding', coding);
    weaken(headers);
    vary(headers);
    count.allowed();
    return { ...reply, headers, body };
  }

  function varied(reply: Reply): Reply {
    const headers = reply.headers.share();
    vary(headers);
    return { ...reply, headers };
  }

  return (next) => async (exchange: Exchange) => {
    const reply = await next(exchange);
    if (!isWorthIt(reply, exchange.method)) return reply;
    const coding = choose(exchange.headers.getList('accept-encoding') ?? '');
    if (isReport) {
      if (coding !== null) count.reported(coding);
      return reply;
    }
    return (coding === null ? null : coded(reply, coding)) ?? varied(reply);
  };
}

/** Undefined: it would not become smaller, or there is no encoder to be had. */
function codedBody(body: Body, coding: CompressionCoding, bodies: EncodedBodies): Body | undefined {
  if (body === null) return null;
  if (typeof body === 'string') {
    const smaller = encodedText(body, coding);
    return smaller.length < body.length ? smaller : undefined;
  }
  return bodies.open < MOST_OPEN ? new EncodedBody(body, coding, bodies) : undefined;
}

/** Makes a strong entity tag a weak one (RFC 9110 §8.8.3): the same thing, written in other bytes. */
function weaken(headers: Headers): void {
  const tag = headers.get('etag');
  if (tag?.startsWith('"') === true) headers.set('ETag', `W/${tag}`);
}
