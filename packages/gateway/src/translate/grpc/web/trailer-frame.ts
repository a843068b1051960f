import type { Headers } from '../../../core/headers.ts';
import { frame } from '../frames.ts';

const TRAILERS = 0x80;

/** Trailers as the last message of a body (gRPC-Web, "Message framing"): lines of HTTP/1, with names in lower case. */
export function trailerFrame({ names, values }: Headers): Buffer {
  let lines = '';
  for (const [i, { lower }] of names.entries()) lines += `${lower}: ${values[i] ?? ''}\r\n`;
  return frame(TRAILERS, Buffer.from(lines, 'latin1'));
}
