import { WireReader } from '../../../core/protobuf/wire-reader.ts';
import { tagOf, WIRE } from '../../../core/protobuf/wire-writer.ts';

/** One field of a message in the wire format of Protocol Buffers. */
export interface WireField {
  readonly number: number;
  readonly wireType: number;
  /** A whole number, as far as a double is exact; 0 for all others. */
  readonly value: number;
  /** What has a length before it; empty for all others. */
  readonly bytes: Buffer;
  /** Where its tag begins, what comes after the tag, and where all of it ends. */
  readonly from: number;
  readonly valueAt: number;
  readonly to: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * The fields of a message in their order: for the few messages of Google's own that are known here by heart. Throws
 * `MessageFault` for bytes that are no message.
 */
export function wireFields(message: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  const reader = new WireReader(message);
  while (reader.pos < message.length) {
    const from = reader.pos;
    const tag = reader.varint();
    const [number, wireType, valueAt] = [tag >>> 3, tag & 7, reader.pos];
    let value = 0;
    let bytes: Buffer = NOTHING;
    if (wireType === WIRE.varint) value = wholeNumber(reader);
    else if (wireType === WIRE.delimited) bytes = reader.delimited();
    else reader.skip(tag);
    fields.push({ number, wireType, value, bytes, from, valueAt, to: reader.pos });
  }
  return fields;
}

function wholeNumber(reader: WireReader): number {
  reader.varint64();
  return (reader.high | 0) * 2 ** 32 + reader.low;
}

/** A field that has a length before it. */
export function delimited(tag: Uint8Array, value: Uint8Array): Buffer {
  return Buffer.concat([tag, varint(value.length), value]);
}

/** The tag of such a field. */
export function delimitedTag(number: number): Buffer {
  return varint(tagOf(number, WIRE.delimited));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.of(...bytes, rest);
}
