import { constants, type ServerSessionOptions } from 'node:http2';
import type { ConnectionLimits } from '../http1/server-connection.ts';

/** What a client may send on one stream before somebody reads it; times the streams, it is what a connection can hold. */
export const STREAM_WINDOW_BYTES = 64 * 1024;
/** Larger, so that one stream that nobody reads leaves room for the others. */
export const CONNECTION_WINDOW_BYTES = 1024 * 1024;

/** Frames that make no sense, empty ones among them, and streams that were refused, before the connection is ended. */
const MAX_INVALID_FRAMES = 50;
const MAX_REJECTED_STREAMS = 20;
const MAX_SESSION_MEGABYTES = 10;
/** Frames of ours that a client has not read. */
const MAX_OUTSTANDING = 10;
/** Entries of one SETTINGS frame. */
const MAX_SETTINGS = 32;
/** Above what is answered with 431, so that nearly everybody hears that. */
const HEADER_SLACK = 2;
/** Pieces of a cookie count for one field. */
const COOKIE_PIECES = 100;
/** Counted here with less patience, and ended with a code that says why. */
const RESET_BURST = 1000;
const RESET_RATE = 100;

/** The options of a session, which is one connection. */
export function sessionOptions(limits: ConnectionLimits): ServerSessionOptions {
  return {
    maxSessionInvalidFrames: MAX_INVALID_FRAMES,
    maxSessionRejectedStreams: MAX_REJECTED_STREAMS,
    maxSessionMemory: MAX_SESSION_MEGABYTES,
    maxOutstandingPings: MAX_OUTSTANDING,
    maxOutstandingSettings: MAX_OUTSTANDING,
    maxSettings: MAX_SETTINGS,
    maxHeaderListPairs: limits.headerCount * HEADER_SLACK + COOKIE_PIECES,
    maxSendHeaderBlockLength: 256 * 1024,
    streamResetBurst: RESET_BURST,
    streamResetRate: RESET_RATE,
    paddingStrategy: constants.PADDING_STRATEGY_NONE,
    // What services send twice goes on twice, as on HTTP/1.1.
    strictSingleValueFields: false,
    settings: {
      enableConnectProtocol: true,
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxConcurrentStreams: limits.http2.maxConcurrentStreams,
      maxHeaderListSize: limits.headerBytes * HEADER_SLACK + limits.targetBytes,
    },
  } as ServerSessionOptions;
}

/** What Node.js calls a connection that it or nghttp2 has given up. */
const GIVEN_UP = /^ERR_HTTP2_(?:ERROR|TOO_MANY_INVALID_FRAMES)$/;
/** Numbers of nghttp2: Node.js has counted too much of something, or frames of ours wait that nobody reads. */
const FLOODS = new Set([-902, -904]);

/** What an error of a session says of its client; null: nothing, the connection broke. */
export function verdictOf(error: Error): 'malformed' | 'flood' | null {
  const { code = '', errno = 0 } = error as Error & { readonly code?: string; readonly errno?: number };
  if (!GIVEN_UP.test(code)) return null;
  return FLOODS.has(errno) ? 'flood' : 'malformed';
}
