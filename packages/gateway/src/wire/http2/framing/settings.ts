import type { FrameHead } from './frame-reader.ts';
import {
  ACK,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  frameHead,
  MAX_PAYLOAD_BYTES,
  MAX_WINDOW_BYTES,
  PROTOCOL_ERROR,
  SETTINGS,
  uint32,
} from './frames.ts';
import { STREAM_WINDOW_BYTES } from './http2-stream.ts';

/** Settings by their numbers (RFC 9113 §6.5.2, RFC 8441 §3). */
const HEADER_TABLE_SIZE = 1;
const ENABLE_PUSH = 2;
const MAX_CONCURRENT_STREAMS = 3;
const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_SIZE = 5;
const MAX_HEADER_LIST_SIZE = 6;
const ENABLE_CONNECT_PROTOCOL = 8;

const ENTRY_BYTES = 6;
/** Of one frame. */
const MAX_ENTRIES = 32;

/** What we tell a client of ourselves. */
export function ownSettings(limits: {
  readonly maxConcurrentStreams: number;
  readonly bytes: number;
}): string {
  const entries =
    entry(MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams) +
    entry(INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES) +
    entry(MAX_HEADER_LIST_SIZE, limits.bytes) +
    entry(ENABLE_CONNECT_PROTOCOL, 1);
  return frameHead(entries.length, SETTINGS, 0, 0) + entries;
}

function entry(id: number, value: number): string {
  return String.fromCharCode(id >> 8, id & 255) + uint32(value);
}

/** What the other end says of itself, as far as we act on it; null: nothing of that. */
export interface PeerSettings {
  readonly tableBytes: number | null;
  readonly windowBytes: number | null;
}

/** Reads a SETTINGS frame. Null: it only confirms ours. A number: the error of the connection that it is. */
export function readSettings(
  { flags, id }: FrameHead,
  bytes: Buffer,
  from: number,
  to: number,
): PeerSettings | number | null {
  const isAck = (flags & ACK) !== 0;
  const length = to - from;
  if (id !== 0) return PROTOCOL_ERROR;
  if (length % ENTRY_BYTES !== 0 || (isAck && length > 0)) return FRAME_SIZE_ERROR;
  if (isAck) return null;
  if (length > MAX_ENTRIES * ENTRY_BYTES) return ENHANCE_YOUR_CALM;
  let tableBytes: number | null = null;
  let windowBytes: number | null = null;
  for (let at = from; at < to; at += ENTRY_BYTES) {
    const number = bytes.readUInt16BE(at);
    const value = bytes.readUInt32BE(at + 2);
    if (number === HEADER_TABLE_SIZE) tableBytes = value;
    else if (number === INITIAL_WINDOW_SIZE && value > MAX_WINDOW_BYTES) return FLOW_CONTROL_ERROR;
    else if (number === INITIAL_WINDOW_SIZE) windowBytes = value;
    else if (number === ENABLE_PUSH && value > 1) return PROTOCOL_ERROR;
    else if (number === MAX_FRAME_SIZE && (value < MAX_PAYLOAD_BYTES || value >= 2 ** 24))
      return PROTOCOL_ERROR;
  }
  return { tableBytes, windowBytes };
}
