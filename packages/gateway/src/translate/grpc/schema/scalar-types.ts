import type { ScalarType } from '../../../core/grpc-schema.ts';

/** `FieldDescriptorProto.Type` of scalars; the other numbers are of groups, messages and enums. */
const NAMES: Readonly<Record<number, ScalarType>> = {
  1: 'double',
  2: 'float',
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  6: 'fixed64',
  7: 'fixed32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  15: 'sfixed32',
  16: 'sfixed64',
  17: 'sint32',
  18: 'sint64',
};

/** The word for the number that a scalar type has in a descriptor. */
export function scalarType(type: number): ScalarType {
  const name = NAMES[type];
  if (name === undefined) throw new Error(`There is no scalar type ${type}`);
  return name;
}
