import type { FieldInfo, MessageFields } from '../../../core/grpc-schema.ts';

/** How a text becomes the JSON of a field. */
export type LeafKind = 'text' | 'bool' | 'enum';

/** A field that can be given as text in a path or a query: the way to it, and what it takes. */
export interface Leaf {
  /** Names as its sources write them, from the outermost message inwards. */
  readonly names: readonly string[];
  readonly kind: LeafKind;
  readonly isRepeated: boolean;
  /** Whether its text stands for a message, such as a `Timestamp`. */
  readonly isMessage: boolean;
}

/** Messages may contain themselves; a path is not longer than that. */
const MAX_DEPTH = 32;

/** The field at the end of a path of names (as in the source, or as in JSON), if it can be given as text; otherwise why not. */
export function leafAt(fields: MessageFields, path: readonly string[]): Leaf | string {
  if (path.length > MAX_DEPTH) return 'lies too deep';
  const names: string[] = [];
  let within: MessageFields | undefined = fields;
  let field: FieldInfo | undefined;
  for (const name of path) {
    if (field !== undefined) within = insideOf(field);
    field = within?.find(name);
    if (field === undefined) return 'is unknown';
    names.push(field.name);
  }
  if (field === undefined) return 'is unknown';
  const kind = leafKind(field);
  if (kind === null) return 'is a message or a map, which cannot be given here';
  return { names, kind, isRepeated: field.isRepeated, isMessage: field.message !== undefined };
}

/** What a path may go into: messages that are spelled as objects in JSON, and not lists or maps of them. */
function insideOf(field: FieldInfo): MessageFields | undefined {
  return field.kind === 'message' && !field.typeName.startsWith('google.protobuf.')
    ? field.message
    : undefined;
}

function leafKind(field: FieldInfo): LeafKind | null {
  if (field.kind === 'map') return null;
  if (field.scalar !== undefined) return field.scalar === 'bool' ? 'bool' : 'text';
  if (field.kind === 'enum' || (field.kind === 'list' && field.message === undefined)) return 'enum';
  return TEXT_MESSAGES.get(field.typeName) ?? null;
}

/** Messages whose JSON is a text, or may be one (ProtoJSON, well-known types). */
const TEXT_MESSAGES: ReadonlyMap<string, LeafKind> = new Map<string, LeafKind>([
  ['google.protobuf.Timestamp', 'text'],
  ['google.protobuf.Duration', 'text'],
  ['google.protobuf.FieldMask', 'text'],
  ['google.protobuf.StringValue', 'text'],
  ['google.protobuf.BytesValue', 'text'],
  ['google.protobuf.DoubleValue', 'text'],
  ['google.protobuf.FloatValue', 'text'],
  ['google.protobuf.Int64Value', 'text'],
  ['google.protobuf.UInt64Value', 'text'],
  ['google.protobuf.Int32Value', 'text'],
  ['google.protobuf.UInt32Value', 'text'],
  ['google.protobuf.BoolValue', 'bool'],
]);

/**
 * The JSON of a text; null if it is none. Numbers stay text, which ProtoJSON takes for all of them, so that none of their digits
 * is lost; whoever makes bytes of it sees whether they are numbers.
 */
export function leafJson(kind: LeafKind, text: string): string | null {
  if (kind === 'bool') return text === 'true' || text === 'false' ? text : null;
  if (kind === 'enum' && /^(?:0|-?[1-9]\d{0,9})$/.test(text)) return text;
  return JSON.stringify(text);
}
