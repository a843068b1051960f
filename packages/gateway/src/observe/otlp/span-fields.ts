import { tagOf, WIRE, type WireWriter } from '../../core/protobuf/wire-writer.ts';
import {
  beginMessage,
  writeAttributes,
  writeHex,
  writeNumber,
  writeText,
  writeTime,
  type Attributes,
} from './otlp-values.ts';

// Fields of a span (opentelemetry/proto/trace/v1). They are written one by one, as a span has many and lives for a moment only.

/** Numbers of the kinds of spans. */
export const SPAN_KINDS = { internal: 1, server: 2, client: 3 } as const;

/** What all spans have. Ids are hexadecimal digits in lower case, times are milliseconds since 1970. */
export interface SpanFrame {
  readonly traceId: string;
  readonly spanId: string;
  /** `''`: there is none. */
  readonly parentSpanId: string;
  /** `tracestate`, or `''`. */
  readonly state: string;
  readonly startMs: number;
  readonly endMs: number;
}

export function writeFrame(writer: WireWriter, frame: SpanFrame): void {
  writeHex(writer, 1, frame.traceId);
  writeHex(writer, 2, frame.spanId);
  writeText(writer, 3, frame.state);
  writeHex(writer, 4, frame.parentSpanId);
  writeTime(writer, 7, frame.startMs);
  writeTime(writer, 8, frame.endMs);
}

/** What many spans have in common: their name, their kind, and attributes that no client makes up. */
export function writeCommon(
  writer: WireWriter,
  name: string,
  { kind, attributes }: { readonly kind: keyof typeof SPAN_KINDS; readonly attributes: Attributes },
): void {
  writeText(writer, 5, name);
  writeNumber(writer, 6, SPAN_KINDS[kind]);
  writeAttributes(writer, SPAN_ATTRIBUTES, attributes);
}

/** The name of an attribute of spans, ready to be written. */
export interface AttributeName {
  readonly name: string;
  /** As the field `key`. */
  readonly bytes: Uint8Array;
}

export function attributeName(name: string): AttributeName {
  return { name, bytes: Buffer.from([TEXT, name.length, ...Buffer.from(name, 'latin1')]) };
}

/** An attribute whose value is a text: in one go if it is short and plain, as most are. */
export function writeTextAttribute(writer: WireWriter, name: AttributeName, value: string): void {
  const { length } = value;
  const size = name.bytes.length + VALUE_FRAME + length;
  if (size > MOST_OF_ONE_BYTE || !isWritten(writer, name.bytes, value))
    writeAttributes(writer, SPAN_ATTRIBUTES, [[name.name, value]]);
}

/** An attribute whose value is a whole number from 0 on. */
export function writeCountAttribute(
  writer: WireWriter,
  { name, bytes: key }: AttributeName,
  value: number,
): void {
  if (value >= 0x8000_0000) {
    writeAttributes(writer, SPAN_ATTRIBUTES, [[name, value]]);
    return;
  }
  const bytes = writer.room(key.length + 16);
  const start = writer.pos;
  const pos = begun(bytes, start, key);
  bytes[pos] = VALUE;
  bytes[pos + 2] = WHOLE;
  const from = pos + 3;
  writer.pos = from;
  writer.varint(value);
  bytes[pos + 1] = writer.pos - from + 1;
  bytes[start + 1] = writer.pos - start - 2;
}

/** False: the text is not plain ASCII, and nothing was written. */
function isWritten(writer: WireWriter, key: Uint8Array, value: string): boolean {
  const { length } = value;
  const bytes = writer.room(key.length + length + 6);
  const start = writer.pos;
  let pos = begun(bytes, start, key);
  bytes[pos++] = VALUE;
  bytes[pos++] = length + 2;
  bytes[pos++] = TEXT;
  bytes[pos++] = length;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code > 0x7f) return false;
    bytes[pos++] = code;
  }
  bytes[start + 1] = pos - start - 2;
  writer.pos = pos;
  return true;
}

/** Writes tag and name of an attribute; its length, one byte, is for the caller. */
function begun(bytes: Uint8Array, start: number, key: Uint8Array): number {
  let pos = start;
  bytes[pos] = ATTRIBUTE;
  pos += 2;
  for (let i = 0; i < key.length; i++) bytes[pos++] = key[i] ?? 0;
  return pos;
}

/** Something that happened during the span. */
export function writeEvent(
  writer: WireWriter,
  name: string,
  { timeMs, attributes }: { readonly timeMs: number; readonly attributes: Attributes },
): void {
  const start = beginMessage(writer, 11);
  writeTime(writer, 1, timeMs);
  writeText(writer, 2, name);
  writeAttributes(writer, 3, attributes);
  writer.end(start);
}

/** A span of another trace that has to do with it. */
export interface SpanLink {
  readonly traceId: string;
  readonly parentId: string;
  readonly flags: number;
}

export function writeLink(writer: WireWriter, { traceId, parentId, flags }: SpanLink): void {
  const start = beginMessage(writer, 13);
  writeHex(writer, 1, traceId);
  writeHex(writer, 2, parentId);
  writeFlags(writer, 6, flags | KNOWS_REMOTE | IS_REMOTE);
  writer.end(start);
}

/** It failed. */
export function writeError(writer: WireWriter): void {
  const start = beginMessage(writer, 15);
  writeNumber(writer, 3, STATUS_ERROR);
  writer.end(start);
}

/** Flags of W3C Trace Context, and whether the parent is somebody else's. */
export function writeSpanFlags(writer: WireWriter, flags: number, parent: 'remote' | 'ours'): void {
  writeFlags(writer, 16, flags | KNOWS_REMOTE | (parent === 'remote' ? IS_REMOTE : 0));
}

function writeFlags(writer: WireWriter, field: number, flags: number): void {
  writer.varint(tagOf(field, WIRE.fixed32));
  writer.fixed32(flags);
}

/** The field of the attributes of a span. */
export const SPAN_ATTRIBUTES = 9;
const ATTRIBUTE = tagOf(SPAN_ATTRIBUTES, WIRE.delimited);
/** The second field of `KeyValue`. */
const VALUE = tagOf(2, WIRE.delimited);
/** The first of `KeyValue` and of `AnyValue`. */
const TEXT = tagOf(1, WIRE.delimited);
const WHOLE = tagOf(3, WIRE.varint);
/** What a value has around its text. */
const VALUE_FRAME = 4;
/** A length that is one byte. */
const MOST_OF_ONE_BYTE = 0x7f;
/** Of the flags: whether the parent (or the linked one) is remote is known, and it is. */
const KNOWS_REMOTE = 0x100;
const IS_REMOTE = 0x200;
const STATUS_ERROR = 2;
