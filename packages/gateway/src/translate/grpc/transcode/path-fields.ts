import { MessageFault, type MessageCodec } from '../../../core/grpc-schema.ts';
import { WIRE } from '../../../core/protobuf/wire-writer.ts';
import type { Leaf } from './field-path.ts';
import { delimited, wireFields } from './wire-fields.ts';

/** How what the path says is put into a message that the body has begun. */
export interface PathFields {
  /**
   * Bytes that set these fields to zero when they come after a message: of two values the last counts. A value that is zero is
   * not written, so `/users/0` would not win over `{"id": 5}` in the body, and what was allowed for one would be done to the other.
   */
  readonly zeros: Buffer;
  /** Numbers of the fields on the way to each that lies deeper. */
  readonly ways: readonly (readonly number[])[];
}

/** Makes that ready for the fields of a path. */
export function pathFields(codec: MessageCodec, leaves: readonly Leaf[]): PathFields {
  const samples = leaves.map((leaf) => ({ bytes: sample(codec, leaf), depth: leaf.names.length }));
  return {
    zeros: Buffer.concat(samples.map(({ bytes, depth }) => zeroed(bytes, depth))),
    ways: samples.flatMap(({ bytes, depth }) => (depth > 1 ? [wayOf(bytes, depth)] : [])),
  };
}

/**
 * One message of two that are written one after the other: messages on these ways are joined. Every reader should do that itself
 * (Protocol Buffers, "Last One Wins"), but a popular one takes the second and drops the first.
 */
export function joinedAlong(ways: readonly (readonly number[])[], bytes: Uint8Array): Uint8Array {
  const byFirst = Map.groupBy(
    ways.filter(({ length }) => length > 0),
    ([first]) => first,
  );
  if (byFirst.size === 0) return bytes;
  const fields = wireFields(bytes);
  const pieces = fields
    .filter(({ number }) => !byFirst.has(number))
    .map(({ from, to }) => bytes.subarray(from, to));
  for (const [number, group] of byFirst) {
    const parts = fields.filter((field) => field.number === number);
    const [first] = parts;
    if (first === undefined) continue;
    const inner = Buffer.concat(parts.map((part) => part.bytes));
    const rest = group.map(([, ...deeper]) => deeper);
    pieces.push(delimited(bytes.subarray(first.from, first.valueAt), joinedAlong(rest, inner)));
  }
  return Buffer.concat(pieces);
}

/** The message in which only that field has a value; empty if there is none that is known here: of enums that are closed. */
function sample(codec: MessageCodec, { names, kind }: Leaf): Uint8Array {
  for (const value of kind === 'bool' ? ['true'] : kind === 'enum' ? ['1'] : ['"1"', '"AAAA"']) {
    try {
      return codec.fromJson(names.reduceRight((inner, name) => `{"${name}":${inner}}`, value));
    } catch (error) {
      if (!(error instanceof MessageFault)) throw error;
    }
  }
  return NOTHING;
}

/** The same fields, without their values. */
function zeroed(bytes: Uint8Array, depth: number): Buffer {
  return Buffer.concat(
    wireFields(bytes).map(({ wireType, bytes: inner, from, valueAt }) => {
      const tag = bytes.subarray(from, valueAt);
      if (depth > 1) return delimited(tag, zeroed(inner, depth - 1));
      return Buffer.concat([tag, ZEROS.get(wireType) ?? Buffer.of(0)]);
    }),
  );
}

/** Of the messages around the field. */
function wayOf(bytes: Uint8Array, depth: number): number[] {
  const [field] = depth > 1 ? wireFields(bytes) : [];
  if (field === undefined || field.wireType !== WIRE.delimited) return [];
  return [field.number, ...wayOf(field.bytes, depth - 1)];
}

/** By wire type; of a varint and of a length it is one byte. */
const ZEROS: ReadonlyMap<number, Buffer> = new Map([
  [1, Buffer.alloc(8)],
  [5, Buffer.alloc(4)],
]);
const NOTHING = new Uint8Array(0);
