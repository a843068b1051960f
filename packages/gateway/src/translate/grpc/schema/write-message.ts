import type { DescField, DescMessage } from '@turnpike/config/descriptors';
import { tagOf, WIRE, type WireWriter } from '../../../core/protobuf/wire-writer.ts';
import { enumScalar, NULL_VALUE } from './enums.ts';
import { presenceOf } from './field-presence.ts';
import type { JsonScanner } from './json-scanner.ts';
import { scalarType } from './scalar-types.ts';
import { SCALARS, type Scalar } from './scalars.ts';
import type { Shape, Shapes } from './shape.ts';

type Write = (scan: JsonScanner, out: WireWriter) => void;

/** A field on its way from JSON to bytes. */
interface FieldWriter {
  readonly index: number;
  readonly name: string;
  /** Number of the oneof that it is in; -1: of none. */
  readonly oneof: number;
  /** Whether `null` is a value of it, and does not just mean that it is absent. */
  readonly takesNull: boolean;
  readonly isRequired: boolean;
  /** Writes tag and value. */
  readonly write: Write;
}

/** Compiles what turns JSON objects into messages of this type. In an `Any` they have `@type` too. */
export function messageWriter(
  desc: DescMessage,
  shapes: Shapes,
): (scan: JsonScanner, out: WireWriter, inAny: boolean) => void {
  const fields = desc.fields.map((field, index) => fieldWriter(field, index, shapes));
  const byName = new Map(fields.map((field) => [field.name, field]));
  // Where a name of one is the JSON name of another, JSON has the say.
  for (const [index, field] of fields.entries())
    byName.set(desc.fields[index]?.jsonName ?? field.name, field);
  const required = fields.filter(({ isRequired }) => isRequired);
  const kind = `an object (${desc.typeName})`;
  return (scan, out, inAny) => {
    scan.openObject(kind);
    const seen: boolean[] = [];
    for (let isFirst = true; ; isFirst = false) {
      const name = scan.nextName(isFirst);
      if (name === null) break;
      const field = byName.get(name);
      if (field === undefined) {
        if (inAny && name === '@type') scan.skip();
        else unknownField(name, desc, scan);
        continue;
      }
      scan.enter(name);
      if (seen[field.index] === true) throw scan.fault('is there more than once');
      seen[field.index] = true;
      if (field.takesNull || !scan.takesNull()) {
        if (field.oneof !== -1) takeTurn(fields.length + field.oneof, seen, { scan, desc, field });
        field.write(scan, out);
      } else if (field.isRequired) throw scan.fault('must not be null');
      scan.leave();
    }
    for (const { index, name } of required)
      if (seen[index] !== true) throw scan.fault(`lacks ${name}, which ${desc.typeName} requires`);
  };
}

function unknownField(name: string, { typeName }: DescMessage, scan: JsonScanner): void {
  if (scan.options.unknownFields === 'ignore') return scan.skip();
  scan.enter(name);
  throw scan.fault(
    name.startsWith('[')
      ? 'is an extension, and those cannot be sent as JSON'
      : `is not a field of ${typeName}`,
  );
}

/** Of the fields of a oneof only one may be there. */
function takeTurn(
  place: number,
  seen: boolean[],
  { scan, desc, field }: { scan: JsonScanner; desc: DescMessage; field: FieldWriter },
): void {
  if (seen[place] === true)
    throw scan.fault(`cannot be there beside another of ${desc.oneofs[field.oneof]?.name}`);
  seen[place] = true;
}

function fieldWriter(field: DescField, index: number, shapes: Shapes): FieldWriter {
  const { name, oneof } = field;
  return {
    index,
    name,
    oneof: oneof === undefined ? -1 : field.parent.oneofs.indexOf(oneof),
    takesNull: field.fieldKind !== 'list' && field.fieldKind !== 'map' && takesNull(field, shapes),
    isRequired: presenceOf(field) === 'required',
    write: writeField(field, shapes),
  };
}

/** Whether `null` is a value of what a field has, of each element if it is a list or a map. */
function takesNull(field: DescField, shapes: Shapes): boolean {
  if (field.message !== undefined) return shapes.of(field.message).takesNull;
  return field.enum?.typeName === NULL_VALUE;
}

function writeField(field: DescField, shapes: Shapes): Write {
  switch (field.fieldKind) {
    case 'scalar':
      return writeScalar(SCALARS[scalarType(field.scalar)], field);
    case 'enum':
      return writeScalar(enumScalar(field.enum), field);
    case 'message':
      return writeMessage(field.number, field, shapes.of(field.message));
    case 'list':
      return writeList(field, shapes);
    case 'map':
      return writeMap(field, shapes);
    default:
      return field satisfies never;
  }
}

function writeScalar({ wire, write }: Scalar, field: DescField): Write {
  const tag = tagOf(field.number, wire);
  if (presenceOf(field) !== 'implicit') {
    return (scan, out) => {
      out.varint(tag);
      write(scan, out);
    };
  }
  return (scan, out) => {
    const start = out.pos;
    out.varint(tag);
    if (write(scan, out)) out.pos = start;
  };
}

function writeMessage(
  number: number,
  { delimitedEncoding }: { readonly delimitedEncoding: boolean },
  shape: Shape,
): Write {
  if (delimitedEncoding) {
    const [first, last] = [tagOf(number, WIRE.startGroup), tagOf(number, WIRE.endGroup)];
    return (scan, out) => {
      out.varint(first);
      shape.write(scan, out);
      out.varint(last);
    };
  }
  const tag = tagOf(number, WIRE.delimited);
  return (scan, out) => {
    out.varint(tag);
    const start = out.begin();
    shape.write(scan, out);
    out.end(start);
  };
}

type ListField = DescField & { readonly fieldKind: 'list' };
type MapField = DescField & { readonly fieldKind: 'map' };

function writeList(field: ListField, shapes: Shapes): Write {
  const isNullable = takesNull(field, shapes);
  const each = (element: Write): Write => {
    return (scan, out) => {
      scan.openList();
      scan.enter(0);
      for (let index = 0; scan.hasElement(index === 0); index++) {
        scan.nextIndex(index);
        if (!isNullable && scan.peek() === 0x6e) throw scan.expected('a value');
        element(scan, out);
      }
      scan.leave();
    };
  };
  if (field.listKind === 'message') return each(writeMessage(field.number, field, shapes.of(field.message)));
  const { write, wire } =
    field.listKind === 'enum' ? enumScalar(field.enum) : SCALARS[scalarType(field.scalar)];
  const tag = tagOf(field.number, field.packed ? WIRE.delimited : wire);
  if (!field.packed) {
    return each((scan, out) => {
      out.varint(tag);
      write(scan, out);
    });
  }
  const elements = each(write);
  return (scan, out) => {
    const before = out.pos;
    out.varint(tag);
    const start = out.begin();
    elements(scan, out);
    // Nothing is sent for an empty list.
    if (out.pos === start + 1) out.pos = before;
    else out.end(start);
  };
}

function writeMap(field: MapField, shapes: Shapes): Write {
  const tag = tagOf(field.number, WIRE.delimited);
  const key = SCALARS[scalarType(field.mapKey)];
  const keyTag = tagOf(1, key.wire);
  const value = mapValue(field, shapes);
  const isNullable = takesNull(field, shapes);
  return (scan, out) => {
    scan.openObject('an object (a map)');
    const seen = new Set<string>();
    for (let isFirst = true; ; isFirst = false) {
      const name = scan.nextName(isFirst);
      if (name === null) return;
      scan.enter(name);
      if (seen.has(name)) throw scan.fault('is there more than once');
      seen.add(name);
      if (!isNullable && scan.peek() === 0x6e) throw scan.expected('a value');
      out.varint(tag);
      const start = out.begin();
      out.varint(keyTag);
      key.writeText(name, scan, out);
      value(scan, out);
      out.end(start);
      scan.leave();
    }
  };
}

/** Always sent, zero or not: some who read maps take no entry without a value. */
function mapValue(field: MapField, shapes: Shapes): Write {
  if (field.mapKind === 'message') return writeMessage(2, field, shapes.of(field.message));
  const { write, wire } =
    field.mapKind === 'enum' ? enumScalar(field.enum) : SCALARS[scalarType(field.scalar)];
  const tag = tagOf(2, wire);
  return (scan, out) => {
    out.varint(tag);
    write(scan, out);
  };
}
