import type { Headers } from '../../src/core/headers.ts';
import { latin1 } from '../../src/core/latin1.ts';
import { CR, LF } from '../../src/wire/http1/bytes.ts';
import { ChunkedDecoder } from '../../src/wire/http1/chunked.ts';
import { UNTIL_CLOSE } from '../../src/wire/http1/framing.ts';
import { headEnd, mayBecomeHead } from '../../src/wire/http1/head-scan.ts';
import { RequestHead } from '../../src/wire/http1/request-head.ts';
import { RESPONSE_HEAD_LIMITS, ResponseHead } from '../../src/wire/http1/response-head.ts';

export type Field = readonly [spelling: string, value: string];

/** One request as the parser read it; its body as latin1. */
export interface ReadRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly minor: number;
  readonly fields: readonly Field[];
  readonly body: string;
  readonly trailers: readonly Field[];
}

/** One response as the parser read it; its body as latin1. */
export interface ReadResponse {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly body: string;
  readonly trailers: readonly Field[];
}

/** Why reading stopped, and at which byte: the connection was refused, told to close, or the bytes ran out. */
export interface Ending {
  readonly why: 'refused' | 'closed' | 'complete' | 'incomplete';
  /** Error code, or what is wrong with a response; empty unless refused. */
  readonly code: string;
  readonly at: number;
}

export interface ReadConnection<Message> {
  readonly messages: readonly Message[];
  readonly ending: Ending;
}

/** The defaults of techniques.md §5.4. */
export const LIMITS = { headerBytes: 32 * 1024, headerCount: 100, targetBytes: 8 * 1024 } as const;

const INTERIM_LIMIT = 10;

type Body = { readonly data: string; readonly trailers: readonly Field[]; readonly at: number };

/** Reads every request in `bytes`, as `ServerConnection` would if it came in one piece and each was answered. */
export function readRequests(bytes: Buffer): ReadConnection<ReadRequest> {
  const head = new RequestHead();
  const messages: ReadRequest[] = [];
  let at = 0;
  for (;;) {
    if (at === bytes.length) return { messages, ending: ended('complete', at) };
    const start = bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at;
    if (start === bytes.length) return { messages, ending: ended('complete', start) };
    const end = headEnd(bytes, start, bytes.length);
    if ((end === -1 ? bytes.length : end) - start > LIMITS.headerBytes) {
      return { messages, ending: refused('HEAD_TOO_LARGE', start) };
    }
    if (end === -1) {
      const mayGoOn = mayBecomeHead(bytes, start, bytes.length) || bytes.length - start === 1;
      return { messages, ending: mayGoOn ? ended('incomplete', start) : refused('BAD_REQUEST', start) };
    }
    const code = head.parse(bytes, start, end, LIMITS);
    if (code !== null) return { messages, ending: refused(code, start) };
    const { framing, method, path, query, minor, headers } = head;
    const body = readBody(bytes, end, framing.chunked ? 'chunked' : framing.requestLength);
    if (typeof body === 'string') {
      return { messages, ending: body === 'bad' ? refused('BAD_REQUEST', end) : ended('incomplete', end) };
    }
    const { data, trailers } = body;
    messages.push({ method, path, query, minor, fields: fieldsOf(headers), body: data, trailers });
    at = body.at;
    if (framing.close || (minor === 0 && !framing.keepAlive))
      return { messages, ending: ended('closed', at) };
  }
}

/** Reads what answers one request, as `ClientConnection` would: interim responses and the final one. */
export function readResponses(bytes: Buffer, method: string): ReadConnection<ReadResponse> {
  const head = new ResponseHead();
  const messages: ReadResponse[] = [];
  let at = 0;
  for (;;) {
    const end = headEnd(bytes, at, bytes.length);
    if ((end === -1 ? bytes.length : end) - at > RESPONSE_HEAD_LIMITS.headerBytes) {
      return { messages, ending: refused('the head is too large', at) };
    }
    if (end === -1) {
      const mayGoOn = mayBecomeHead(bytes, at, bytes.length);
      return { messages, ending: mayGoOn ? ended('incomplete', at) : refused('the head is malformed', at) };
    }
    const wrong = head.parse(bytes, at, end);
    if (wrong !== null) return { messages, ending: refused(wrong, at) };
    const { framing, status, headers } = head;
    const length = head.isBodiless(method) ? 0 : framing.responseLength;
    const isFinal = status >= 200 || status === 101;
    const body = readBody(
      bytes,
      end,
      length === -1 ? 'chunked' : length === UNTIL_CLOSE ? 'until-close' : length,
    );
    if (typeof body === 'string') {
      const ending = body === 'bad' ? refused('malformed chunked coding', end) : ended('incomplete', end);
      return { messages, ending };
    }
    messages.push({ status, fields: fieldsOf(headers), body: body.data, trailers: body.trailers });
    at = body.at;
    if (messages.length > INTERIM_LIMIT)
      return { messages, ending: refused('too many interim responses', at) };
    const persists = head.mayPersist && length !== UNTIL_CLOSE;
    if (isFinal) return { messages, ending: ended(persists ? 'complete' : 'closed', at) };
  }
}

function readBody(
  bytes: Buffer,
  from: number,
  framing: number | 'chunked' | 'until-close',
): Body | 'bad' | 'incomplete' {
  if (framing === 'chunked') return readChunks(bytes, from);
  const at = framing === 'until-close' ? bytes.length : from + framing;
  if (at > bytes.length) return 'incomplete';
  return { data: latin1(bytes, from, at), trailers: [], at };
}

function readChunks(bytes: Buffer, from: number): Body | 'bad' | 'incomplete' {
  const decoder = new ChunkedDecoder();
  let data = '';
  let at = from;
  for (;;) {
    const found = decoder.next(bytes, at, bytes.length);
    if (found === 'bad') return 'bad';
    if (found === 'more') return 'incomplete';
    at = decoder.at;
    if (found === 'done') return { data, trailers: fieldsOf(decoder.trailers), at };
    data += latin1(bytes, decoder.dataStart, decoder.dataEnd);
  }
}

/** Fields as pairs, in their order. */
export function fieldsOf(headers: Headers | null): Field[] {
  return headers === null ? [] : headers.names.map((name, i) => [name.spelling, headers.values[i] ?? '']);
}

function refused(code: string, at: number): Ending {
  return { why: 'refused', code, at };
}

function ended(why: 'closed' | 'complete' | 'incomplete', at: number): Ending {
  return { why, code: '', at };
}
