import { tagOf, WIRE, type WireWriter } from '../../core/protobuf/wire-writer.ts';

/** What an attribute may be. Whole numbers are written as such; `double` is for those that are whole only by chance. */
export type AttributeValue = string | number | boolean | readonly string[] | { readonly double: number };

/** Names and values, in their order. Each name comes once. */
export type Attributes = readonly (readonly [name: string, value: AttributeValue])[];

/** Writes attributes as the entries of a repeated field of `KeyValue` (opentelemetry/proto/common/v1). */
export function writeAttributes(writer: WireWriter, field: number, attributes: Attributes): void {
  for (const [name, value] of attributes) {
    const start = beginMessage(writer, field);
    writeText(writer, 1, name);
    writeAnyValue(writer, 2, value);
    writer.end(start);
  }
}

/** Writes an `AnyValue` as a field. */
export function writeAnyValue(writer: WireWriter, field: number, value: AttributeValue): void {
  const start = beginMessage(writer, field);
  if (typeof value === 'string') {
    // Even an empty one is written: without it the value would be of no kind.
    writer.varint(tagOf(1, WIRE.delimited));
    writer.text(value);
  } else if (typeof value === 'boolean') writeNumber(writer, 2, value ? 1 : 0);
  else if (typeof value === 'number') writeCount(writer, value);
  else if ('double' in value) writeDouble(writer, 4, value.double);
  else writeTexts(writer, value);
  writer.end(start);
}

/** Text, unless it is empty. */
export function writeText(writer: WireWriter, field: number, value: string): void {
  if (value === '') return;
  writer.varint(tagOf(field, WIRE.delimited));
  writer.text(value);
}

/** A whole number from 0 to 2³² - 1, also if it is 0. */
export function writeNumber(writer: WireWriter, field: number, value: number): void {
  writer.varint(tagOf(field, WIRE.varint));
  writer.varint(value);
}

export function writeDouble(writer: WireWriter, field: number, value: number): void {
  writer.varint(tagOf(field, WIRE.fixed64));
  writer.double(value);
}

/** A whole number from 0 to 2⁵³ as `fixed64`. */
export function writeFixed64(writer: WireWriter, field: number, value: number): void {
  writer.varint(tagOf(field, WIRE.fixed64));
  writer.fixed64(value % TWO_TO_32, value / TWO_TO_32);
}

/** Milliseconds since 1970 as `fixed64` of nanoseconds, which are more than a number holds: in two steps of 16 bits. */
export function writeTime(writer: WireWriter, field: number, epochMs: number): void {
  const wholeMs = Math.floor(epochMs);
  const upper = Math.floor(wholeMs / TWO_TO_16) * NS_PER_MS;
  const lower = (wholeMs % TWO_TO_16) * NS_PER_MS + Math.floor((epochMs - wholeMs) * NS_PER_MS);
  const low = (upper % TWO_TO_16) * TWO_TO_16 + lower;
  writer.varint(tagOf(field, WIRE.fixed64));
  writer.fixed64(low % TWO_TO_32, Math.floor(upper / TWO_TO_16) + Math.floor(low / TWO_TO_32));
}

/** Bytes that are given as hexadecimal digits, unless there are none. */
export function writeHex(writer: WireWriter, field: number, digits: string): void {
  if (digits === '') return;
  const length = digits.length / 2;
  writer.varint(tagOf(field, WIRE.delimited));
  writer.varint(length);
  const bytes = writer.room(length);
  let { pos } = writer;
  for (let i = 0; i < digits.length; i += 2)
    bytes[pos++] = ((NIBBLES[digits.charCodeAt(i)] ?? 0) << 4) | (NIBBLES[digits.charCodeAt(i + 1)] ?? 0);
  writer.pos = pos;
}

/** Begins a message as a field; the result is for `writer.end`. */
export function beginMessage(writer: WireWriter, field: number): number {
  writer.varint(tagOf(field, WIRE.delimited));
  return writer.begin();
}

/** `int_value` or `double_value`. */
function writeCount(writer: WireWriter, value: number): void {
  if (!Number.isSafeInteger(value)) {
    writeDouble(writer, 4, value);
    return;
  }
  writer.varint(tagOf(3, WIRE.varint));
  writer.varint64(value % TWO_TO_32, Math.floor(value / TWO_TO_32));
}

function writeTexts(writer: WireWriter, values: readonly string[]): void {
  const start = beginMessage(writer, 5);
  for (const value of values) writeAnyValue(writer, 1, value);
  writer.end(start);
}

/** Of the codes of the digits from 0 to f, in lower case. */
const NIBBLES = Uint8Array.from({ length: 0x80 }, (_, code) => (code < 0x3a ? code - 0x30 : code - 0x57));

const TWO_TO_16 = 2 ** 16;
const TWO_TO_32 = 2 ** 32;
const NS_PER_MS = 1e6;
