import type { DescField, DescMessage } from '@turnpike/config/descriptors';
import type { FieldInfo, MessageFields } from '../../../core/grpc-schema.ts';
import { scalarType } from './scalar-types.ts';

/** Looks fields up, by either name. `of` gives those of other types, each made once. */
export function messageFields(desc: DescMessage, of: (other: DescMessage) => MessageFields): MessageFields {
  let byName: ReadonlyMap<string, FieldInfo> | null = null;
  return {
    find: (name) => {
      byName ??= fieldsByName(desc, of);
      return byName.get(name);
    },
  };
}

function fieldsByName(
  { fields }: DescMessage,
  of: (other: DescMessage) => MessageFields,
): Map<string, FieldInfo> {
  const infos = fields.map((field) => fieldInfo(field, of));
  return new Map([
    ...infos.map((info) => [info.name, info] as const),
    ...infos.map((info) => [info.jsonName, info] as const),
  ]);
}

function fieldInfo(field: DescField, of: (other: DescMessage) => MessageFields): FieldInfo {
  const { name, jsonName, fieldKind: kind, message } = field;
  const scalar = field.scalar === undefined ? null : scalarType(field.scalar);
  return {
    name,
    jsonName,
    kind,
    isRepeated: kind === 'list',
    typeName: message?.typeName ?? field.enum?.typeName ?? scalar ?? '',
    ...(scalar !== null && { scalar }),
    ...(message !== undefined && { message: of(message) }),
  };
}
