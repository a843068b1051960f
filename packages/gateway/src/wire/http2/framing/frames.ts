/** Types of frames (RFC 9113 §6). */
export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

/** Flags of frames; which they may have is a matter of their types. */
export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
export const HAS_PRIORITY = 32;

/** Error codes (RFC 9113 §7). */
export const NO_ERROR = 0;
export const PROTOCOL_ERROR = 1;
export const INTERNAL_ERROR = 2;
export const FLOW_CONTROL_ERROR = 3;
export const STREAM_CLOSED = 5;
export const FRAME_SIZE_ERROR = 6;
export const REFUSED_STREAM = 7;
export const CANCEL = 8;
export const COMPRESSION_ERROR = 9;
export const ENHANCE_YOUR_CALM = 11;

export const FRAME_HEAD_BYTES = 9;
/** The largest payload that everybody takes, and that we take (RFC 9113 §4.2). */
export const MAX_PAYLOAD_BYTES = 16_384;
/** Where windows begin (RFC 9113 §6.9.2), and what none may exceed. */
export const INITIAL_WINDOW_BYTES = 65_535;
export const MAX_WINDOW_BYTES = 2 ** 31 - 1;

/** Everything before the payload of a frame, as text of one character a byte (RFC 9113 §4.1). */
export function frameHead(length: number, type: number, flags: number, id: number): string {
  return String.fromCharCode(length >> 16, (length >> 8) & 255, length & 255, type, flags) + uint32(id);
}

/** Four bytes. */
export function uint32(value: number): string {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

/** A head and what it needs of CONTINUATION frames. */
export function headFrames(id: number, block: string, ends: boolean): string {
  const flags = ends ? END_STREAM : 0;
  if (block.length <= MAX_PAYLOAD_BYTES)
    return frameHead(block.length, HEADERS, flags | END_HEADERS, id) + block;
  let text = frameHead(MAX_PAYLOAD_BYTES, HEADERS, flags, id) + block.slice(0, MAX_PAYLOAD_BYTES);
  for (let at = MAX_PAYLOAD_BYTES; at < block.length; at += MAX_PAYLOAD_BYTES) {
    const part = block.slice(at, at + MAX_PAYLOAD_BYTES);
    const isLast = at + MAX_PAYLOAD_BYTES >= block.length;
    text += frameHead(part.length, CONTINUATION, isLast ? END_HEADERS : 0, id) + part;
  }
  return text;
}
