import type { DescField, DescMessage } from '@turnpike/config/descriptors';
import { MessageFault } from '../../../core/grpc-schema.ts';
import { tagOf, WIRE } from '../../../core/protobuf/wire-writer.ts';
import { enumScalar } from './enums.ts';
import { presenceOf } from './field-presence.ts';
import { quoted } from './quoted.ts';
import { eachField, type Reading, type Where } from './reading.ts';
import { scalarType } from './scalar-types.ts';
import { laxString, SCALARS, type Scalar } from './scalars.ts';
import type { Shape, Shapes } from './shape.ts';

/** A field on its way from bytes to JSON. */
interface FieldReader {
  readonly index: number;
  /** Number of the oneof that it is in; -1: of none. */
  readonly oneof: number;
  /** How its value is written. Written otherwise, it is somebody else's field and unknown. */
  readonly wire: number;
  /** Whether scalars of it may come in one piece. */
  readonly mayBePacked: boolean;
  /** Whether all that came count, not just the last. */
  readonly gathers: boolean;
  /** `"userId":` */
  readonly prefix: string;
  /** What it is without being sent, where that may be shown; `''`: it may not. */
  readonly absent: string;
  /** Whether it does not count as sent when it is zero. */
  readonly isImplicit: boolean;
  /** The text of its value; `''`: there is none after all. */
  readonly read: (from: Reading, where: Where) => string;
}

/**
 * Compiles what turns messages of this type into JSON objects.
 *
 * The first time over the bytes it only notes where each field is, because what comes last counts and what comes in pieces belongs
 * together; then it writes the fields in the order of their source.
 */
export function messageReader(desc: DescMessage, shapes: Shapes): (from: Reading, end: number) => string {
  const fields = desc.fields.map((field, index) => fieldReader(field, index, shapes));
  const byNumber = new Map(desc.fields.map(({ number }, index) => [number, fields[index]]));
  // Copied for each message: behind the fields each oneof has a place for the number of the one that is set.
  const nothing = Array.from(
    { length: fields.length + desc.oneofs.length },
    (): Where | undefined => undefined,
  );
  return (from, end) => {
    from.deeper();
    const found = nothing.slice();
    const { wire } = from;
    while (wire.pos < end) {
      const at = wire.pos;
      const tag = wire.varint();
      const field = byNumber.get(tag >>> 3);
      if (field !== undefined && isOf(field, tag & 7)) note(found, field, at, fields.length);
      else if (tag >>> 3 === 0) throw new MessageFault('the message has a field of number 0');
      wire.skip(tag);
    }
    if (wire.pos !== end) throw new MessageFault('the message ends too early');
    let text = '';
    for (const field of fields) {
      const value = valueOf(field, found[field.index], from);
      if (value === '') continue;
      from.spend(field.prefix.length + 1);
      text += text === '' ? field.prefix + value : `,${field.prefix}${value}`;
    }
    wire.pos = end;
    from.shallower();
    return `{${text}}`;
  };
}

function isOf({ wire, mayBePacked }: FieldReader, given: number): boolean {
  return given === wire || (mayBePacked && given === WIRE.delimited);
}

function note(found: (Where | undefined)[], field: FieldReader, at: number, firstOneof: number): void {
  const { index, oneof, gathers } = field;
  if (oneof !== -1) {
    const before = found[firstOneof + oneof];
    // The last of a oneof is the one that is set.
    if (typeof before === 'number' && before !== index) found[before] = undefined;
    found[firstOneof + oneof] = index;
  }
  const before = gathers ? found[index] : undefined;
  if (before === undefined) found[index] = at;
  else if (typeof before === 'number') found[index] = [before, at];
  else before.push(at);
}

function valueOf(field: FieldReader, where: Where | undefined, from: Reading): string {
  const { emitDefaults } = from.options;
  if (where === undefined) return emitDefaults ? field.absent : '';
  const value = field.read(from, where);
  return field.isImplicit && value === field.absent && !emitDefaults ? '' : value;
}

function fieldReader(field: DescField, index: number, shapes: Shapes): FieldReader {
  return {
    index,
    oneof: field.oneof === undefined ? -1 : field.parent.oneofs.indexOf(field.oneof),
    prefix: `${quoted(field.jsonName)}:`,
    isImplicit: isImplicit(field),
    ...readerOf(field, shapes),
  };
}

function isImplicit(field: DescField): boolean {
  return presenceOf(field) === 'implicit' && field.oneof === undefined;
}

type Read = Pick<FieldReader, 'wire' | 'mayBePacked' | 'gathers' | 'absent' | 'read'>;

function readerOf(field: DescField, shapes: Shapes): Read {
  switch (field.fieldKind) {
    case 'scalar':
      return readScalar(scalarOf(field.scalar, field), field);
    case 'enum':
      return readScalar(enumScalar(field.enum), field);
    case 'message':
      return {
        wire: field.delimitedEncoding ? WIRE.startGroup : WIRE.delimited,
        mayBePacked: false,
        gathers: true,
        absent: '',
        read: messageIn(shapes.of(field.message)),
      };
    case 'list':
      return readList(field, shapes);
    case 'map':
      return readMap(field, shapes);
    default:
      return field satisfies never;
  }
}

function scalarOf(type: number, { utf8Validation }: DescField): Scalar {
  const name = scalarType(type);
  return name === 'string' && !utf8Validation ? laxString : SCALARS[name];
}

function readScalar({ wire, read, zero }: Scalar, field: DescField): Read {
  return {
    wire,
    mayBePacked: false,
    gathers: false,
    absent: isImplicit(field) ? zero : '',
    read: ({ wire }, where) => {
      wire.pos = where as number;
      wire.varint();
      return read(wire);
    },
  };
}

function messageIn(shape: Shape): FieldReader['read'] {
  return (from, where) => {
    const { from: of, end } = from.content(where);
    return shape.read(of, end);
  };
}

type ListField = DescField & { readonly fieldKind: 'list' };
type MapField = DescField & { readonly fieldKind: 'map' };

function readList(field: ListField, shapes: Shapes): Read {
  if (field.listKind === 'message') {
    const shape = shapes.of(field.message);
    return {
      wire: field.delimitedEncoding ? WIRE.startGroup : WIRE.delimited,
      mayBePacked: false,
      gathers: true,
      absent: '[]',
      read: (from, where) =>
        listText(where, (at) => {
          const text = shape.read(from, from.contentEnd(at));
          from.spend(3);
          return text;
        }),
    };
  }
  const scalar = field.listKind === 'enum' ? enumScalar(field.enum) : scalarOf(field.scalar, field);
  return {
    wire: scalar.wire,
    mayBePacked: scalar.wire !== WIRE.delimited,
    gathers: true,
    absent: '[]',
    read: (from, where) => listText(where, (at) => elementsAt(at, scalar, from)),
  };
}

function listText(where: Where, elementAt: (at: number) => string): string {
  if (typeof where === 'number') return `[${elementAt(where)}]`;
  let text = '';
  for (const at of where) {
    const element = elementAt(at);
    if (element !== '') text += text === '' ? element : `,${element}`;
  }
  return `[${text}]`;
}

/** One element, or several in one piece. */
function elementsAt(at: number, { wire: own, read }: Scalar, from: Reading): string {
  const { wire } = from;
  wire.pos = at;
  const tag = wire.varint();
  if ((tag & 7) === own) return read(wire);
  const end = wire.end();
  let text = '';
  while (wire.pos < end) {
    const element = read(wire);
    if (element !== '') text += text === '' ? element : `,${element}`;
  }
  if (wire.pos !== end) throw new MessageFault('the message ends too early');
  from.spend(text.length);
  return text;
}

function readMap(field: MapField, shapes: Shapes): Read {
  const key = scalarOf(field.mapKey, field);
  const keyTag = tagOf(1, key.wire);
  const value = mapValue(field, shapes);
  const readEntry = (from: Reading, at: number, entries: Map<string, string>): void => {
    const end = from.contentEnd(at);
    const { wire } = from;
    let [keyAt, valueAt]: [number, number] = [-1, -1];
    eachField(from, end, (tag) => {
      const start = wire.pos;
      wire.skip(tag);
      if (tag === keyTag) keyAt = start;
      else if (tag === value.tag) valueAt = start;
      return true;
    });
    wire.pos = keyAt;
    const name = keyAt === -1 ? key.zero : key.read(wire);
    wire.pos = valueAt;
    const text = valueAt === -1 ? value.absent(from) : value.read(from);
    // A closed enum does not know it: it is as if the entry was not sent.
    if (text === '') return;
    from.spend(name.length + text.length);
    entries.set(name.startsWith('"') ? name : `"${name}"`, text);
  };
  return {
    wire: WIRE.delimited,
    mayBePacked: false,
    gathers: true,
    absent: '{}',
    read: (from, where) => {
      const entries = new Map<string, string>();
      for (const at of typeof where === 'number' ? [where] : where) readEntry(from, at, entries);
      return `{${Array.from(entries, ([name, text]) => `${name}:${text}`).join()}}`;
    },
  };
}

interface MapValue {
  readonly tag: number;
  /** Behind the tag. */
  readonly read: (from: Reading) => string;
  readonly absent: (from: Reading) => string;
}

function mapValue(field: MapField, shapes: Shapes): MapValue {
  if (field.mapKind === 'message') {
    const shape = shapes.of(field.message);
    return {
      tag: tagOf(2, WIRE.delimited),
      read: (from) => shape.read(from, from.wire.end()),
      absent: (from) => shape.read(from.over(NOTHING), 0),
    };
  }
  const scalar = field.mapKind === 'enum' ? enumScalar(field.enum) : scalarOf(field.scalar, field);
  return { tag: tagOf(2, scalar.wire), read: ({ wire }) => scalar.read(wire), absent: () => scalar.zero };
}

const NOTHING = new Uint8Array(0);
