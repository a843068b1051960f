import { MessageFault, type MessageCodec } from '../../../core/grpc-schema.ts';
import type { Leaf } from './field-path.ts';
import { delimited, wireFields } from './wire-fields.ts';

/**
 * Bytes that set fields of a message to zero when they come after it.
 *
 * A message is merged with another by writing one after the other, and the last value of a field counts. But a value that is zero is not
 * written at all, so `/users/0` would not win over `{"id": 5}` in the body, and what was allowed for one would be done to the other.
 */
export function zeroFields(codec: MessageCodec, leaves: readonly Leaf[]): Buffer {
  return Buffer.concat(leaves.map((leaf) => zeroed(sample(codec, leaf), leaf.names.length)));
}

/** The message in which only that field has a value. */
function sample(codec: MessageCodec, { names, kind }: Leaf): Uint8Array {
  for (const value of kind === 'bool' ? ['true'] : kind === 'enum' ? ['1'] : ['"1"', '"AAAA"']) {
    try {
      return codec.fromJson(names.reduceRight((inner, name) => `{"${name}":${inner}}`, value));
    } catch (error) {
      if (!(error instanceof MessageFault)) throw error;
    }
  }
  // Fields whose zero is written as well: messages, and enums that are closed.
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

/** By wire type; of a varint and of a length it is one byte. */
const ZEROS: ReadonlyMap<number, Buffer> = new Map([
  [1, Buffer.alloc(8)],
  [5, Buffer.alloc(4)],
]);
const NOTHING = new Uint8Array(0);
