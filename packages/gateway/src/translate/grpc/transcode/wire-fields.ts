import { GatewayError } from '../../../core/errors.ts';

/** One field of a message in the binary format of Protocol Buffers. */
export interface WireField {
  readonly number: number;
  readonly wireType: number;
  /** What a varint or a fixed number says, as far as a double can; 0 for others. */
  readonly value: number;
  /** Of a length-delimited field; empty for others. */
  readonly bytes: Buffer;
  /** Where its tag begins, and where its value does. */
  readonly from: number;
  readonly valueAt: number;
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;
const MAX_VARINT_BYTES = 10;
const NOTHING = Buffer.alloc(0);

/**
 * The fields of a message, in their order. For the few messages of Google's own that are known here by heart; all others are the
 * business of their codec. Throws a `GatewayError` for bytes that are no message.
 */
export function wireFields(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  for (let at = 0; at < bytes.length;) {
    const from = at;
    const tag = varintAt(bytes, at);
    const wireType = tag.value & 7;
    const number = Math.floor(tag.value / 8);
    const body = valueAt(bytes, tag.end, wireType);
    fields.push({ number, wireType, value: body.value, bytes: body.bytes, from, valueAt: tag.end });
    at = body.end;
  }
  return fields;
}

/** A length-delimited field. */
export function delimited(tag: Uint8Array, value: Uint8Array): Buffer {
  return Buffer.concat([tag, varint(value.length), value]);
}

/** Tag of a length-delimited field. */
export function delimitedTag(number: number): Buffer {
  return varint(number * 8 + DELIMITED);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) + 0x80);
  return Buffer.of(...bytes, left);
}

function valueAt(bytes: Buffer, at: number, wireType: number): { value: number; bytes: Buffer; end: number } {
  switch (wireType) {
    case VARINT:
      return { ...varintAt(bytes, at), bytes: NOTHING };
    case FIXED64:
      return { value: 0, bytes: NOTHING, end: within(bytes, at + 8) };
    case FIXED32:
      return { value: 0, bytes: NOTHING, end: within(bytes, at + 4) };
    case DELIMITED: {
      const length = varintAt(bytes, at);
      if (length.value < 0) throw broken();
      const end = within(bytes, length.end + length.value);
      return { value: 0, bytes: bytes.subarray(length.end, end), end };
    }
    default:
      throw broken();
  }
}

function varintAt(bytes: Buffer, from: number): { value: number; end: number } {
  let value = 0n;
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = bytes[from + index];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: Number(BigInt.asIntN(64, value)), end: from + index + 1 };
  }
  throw broken();
}

function within(bytes: Buffer, end: number): number {
  if (end > bytes.length) throw broken();
  return end;
}

function broken(): GatewayError {
  return new GatewayError('UPSTREAM_INVALID', 'bytes that are no message of Protocol Buffers');
}
