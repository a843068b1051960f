import type { DescEnum, DescField, DescMessage, Descriptors } from '@turnpike/config/descriptors';
import type { ScalarType } from '../../../core/grpc-schema.ts';
import type { Json } from '../../../core/identity.ts';
import { NULL_VALUE } from './enums.ts';
import { presenceOf } from './field-presence.ts';
import { scalarType } from './scalar-types.ts';

type Schema = Record<string, Json>;

/**
 * What the JSON of a message looks like, for those who write it: people, generators and models (JSON Schema 2020-12). Types that
 * are used more than once, and types that contain themselves, are in `$defs`; nothing outside is referred to.
 */
export function messageJsonSchema(desc: DescMessage, { commentOf }: Pick<Descriptors, 'commentOf'>): Json {
  const pending: DescMessage[] = [];
  const named = new Set<string>();
  const refer = (type: DescMessage): Schema => {
    const special = SPECIAL[type.typeName];
    if (special !== undefined) return special;
    if (!named.has(type.typeName)) {
      named.add(type.typeName);
      pending.push(type);
    }
    return { $ref: `#/$defs/${type.typeName}` };
  };
  const described = (thing: Parameters<typeof commentOf>[0], schema: Schema): Schema => {
    const description = commentOf(thing);
    return description === '' ? schema : { ...schema, description };
  };
  const objectOf = (type: DescMessage): Schema => {
    const special = SPECIAL[type.typeName];
    if (special !== undefined) return special;
    const properties = type.fields.map(
      (field) => [field.jsonName, described(field, fieldSchema(field, refer))] as const,
    );
    const required = type.fields
      .filter((field) => presenceOf(field) === 'required')
      .map(({ jsonName }) => jsonName);
    return described(type, {
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    });
  };
  const root = objectOf(desc);
  const definitions: [string, Schema][] = [];
  for (let next = pending.shift(); next !== undefined; next = pending.shift())
    definitions.push([next.typeName, objectOf(next)]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...root,
    ...(definitions.length > 0 && { $defs: Object.fromEntries(definitions) }),
  };
}

function fieldSchema(field: DescField, refer: (type: DescMessage) => Schema): Schema {
  const value = valueSchema(field, refer);
  if (field.fieldKind === 'list') return { type: 'array', items: value };
  if (field.fieldKind === 'map')
    return { type: 'object', ...keySchema(scalarType(field.mapKey)), additionalProperties: value };
  return value;
}

function valueSchema(
  { message, enum: ofEnum, scalar }: DescField,
  refer: (type: DescMessage) => Schema,
): Schema {
  if (message !== undefined) return refer(message);
  if (ofEnum !== undefined) return enumSchema(ofEnum);
  return scalar === undefined ? {} : SCALAR[scalarType(scalar)];
}

function enumSchema({ typeName, values }: DescEnum): Schema {
  return typeName === NULL_VALUE
    ? { type: 'null' }
    : { type: 'string', enum: values.map(({ name }) => name) };
}

function keySchema(key: ScalarType): Schema {
  if (key === 'string') return {};
  if (key === 'bool') return { propertyNames: { enum: ['true', 'false'] } };
  return { propertyNames: { pattern: key.startsWith('u') || key.startsWith('fixed') ? UNSIGNED : SIGNED } };
}

const SIGNED = '^-?(0|[1-9][0-9]*)$';
const UNSIGNED = '^(0|[1-9][0-9]*)$';
const INT_32: Schema = { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
const UINT_32: Schema = { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 };
/** A text, because numbers this large do not survive everywhere. */
const INT_64: Schema = { type: 'string', pattern: SIGNED };
const UINT_64: Schema = { type: 'string', pattern: UNSIGNED };
const FLOAT: Schema = { anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] };
const BYTES: Schema = { type: 'string', contentEncoding: 'base64' };

const SCALAR: Readonly<Record<ScalarType, Schema>> = {
  double: FLOAT,
  float: FLOAT,
  int32: INT_32,
  sint32: INT_32,
  sfixed32: INT_32,
  uint32: UINT_32,
  fixed32: UINT_32,
  int64: INT_64,
  sint64: INT_64,
  sfixed64: INT_64,
  uint64: UINT_64,
  fixed64: UINT_64,
  bool: { type: 'boolean' },
  string: { type: 'string' },
  bytes: BYTES,
};

/** Types whose JSON is not an object of their fields. */
const SPECIAL: Readonly<Record<string, Schema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.Duration': { type: 'string', pattern: '^-?[0-9]+([.][0-9]{1,9})?s$' },
  'google.protobuf.FieldMask': { type: 'string' },
  'google.protobuf.Struct': { type: 'object' },
  'google.protobuf.Value': {},
  'google.protobuf.ListValue': { type: 'array' },
  'google.protobuf.Any': { type: 'object', properties: { '@type': { type: 'string' } }, required: ['@type'] },
  'google.protobuf.DoubleValue': FLOAT,
  'google.protobuf.FloatValue': FLOAT,
  'google.protobuf.Int64Value': INT_64,
  'google.protobuf.UInt64Value': UINT_64,
  'google.protobuf.Int32Value': INT_32,
  'google.protobuf.UInt32Value': UINT_32,
  'google.protobuf.BoolValue': SCALAR.bool,
  'google.protobuf.StringValue': SCALAR.string,
  'google.protobuf.BytesValue': BYTES,
};
