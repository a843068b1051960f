/** Fields in the order and spelling in which they came. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** One HTTP/1.1 message as it was on the wire, read leniently: tests want to see what is wrong with it. */
export interface Message {
  readonly startLine: string;
  readonly fields: Fields;
  /** Start line and fields with the empty line, as latin1. */
  readonly head: string;
  readonly body: Buffer;
  readonly trailers: Fields;
}

/** How the end of a body is found. */
export type Framing = 'none' | 'chunked' | 'until-close' | number;

/** The connection ended in the middle of a message. */
export class IncompleteMessage extends Error {
  /** What there was of it. */
  readonly received: string;

  constructor(how: string, received: string) {
    super(`${how} before the message was complete: ${JSON.stringify(received.slice(0, 500))}`);
    this.name = 'IncompleteMessage';
    this.received = received;
  }
}

/** First value of a field, whatever its case. */
export function fieldOf({ fields }: Pick<Message, 'fields'>, name: string): string | undefined {
  return fieldsOf({ fields }, name)[0];
}

/** All values of a field. */
export function fieldsOf({ fields }: Pick<Message, 'fields'>, name: string): string[] {
  const lower = name.toLowerCase();
  return fields.filter(([spelling]) => spelling.toLowerCase() === lower).map(([, value]) => value);
}

/** A head and where it ends. */
export interface Head {
  readonly startLine: string;
  readonly fields: Fields;
  readonly head: string;
  readonly end: number;
}

/** The head at the start of `bytes`, or null if it is not complete. */
export function readHead(bytes: Buffer): Head | null {
  const at = bytes.indexOf('\r\n\r\n');
  if (at === -1) return null;
  const head = bytes.toString('latin1', 0, at + 4);
  const [startLine = '', ...lines] = head.slice(0, -4).split('\r\n');
  return { startLine, fields: lines.map(fieldLine), head, end: at + 4 };
}

function fieldLine(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

/** Framing by the fields: chunks, a length, or `otherwise`. */
export function framingOf(head: Pick<Message, 'fields'>, otherwise: Framing): Framing {
  if (fieldOf(head, 'transfer-encoding')?.toLowerCase().includes('chunked')) return 'chunked';
  const length = fieldOf(head, 'content-length');
  return length === undefined ? otherwise : Number(length);
}

/** A body, its trailers, and where it ends. */
export interface ReadBody {
  readonly body: Buffer;
  readonly trailers: Fields;
  readonly end: number;
}

/** The body in `bytes` from `start`, or null if it is not complete. `hasEnded`: nothing will follow. */
export function readBody(bytes: Buffer, start: number, framing: Framing, hasEnded: boolean): ReadBody | null {
  if (framing === 'chunked') return readChunks(bytes, start);
  if (framing === 'until-close')
    return hasEnded ? { body: bytes.subarray(start), trailers: [], end: bytes.length } : null;
  const end = start + (framing === 'none' ? 0 : framing);
  return end > bytes.length ? null : { body: bytes.subarray(start, end), trailers: [], end };
}

function readChunks(bytes: Buffer, start: number): ReadBody | null {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error(`no chunk size: ${bytes.toString('latin1', at, at + 40)}`);
    at = lineEnd + 2;
    if (size === 0) return readTrailers(bytes, at, Buffer.concat(chunks));
    if (at + size + 2 > bytes.length) return null;
    chunks.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
}

function readTrailers(bytes: Buffer, start: number, body: Buffer): ReadBody | null {
  const trailers: (readonly [string, string])[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return null;
    if (lineEnd === at) return { body, trailers, end: at + 2 };
    trailers.push(fieldLine(bytes.toString('latin1', at, lineEnd)));
    at = lineEnd + 2;
  }
}
