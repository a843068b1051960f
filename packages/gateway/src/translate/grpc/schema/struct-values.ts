import { MessageFault } from '../../../core/grpc-schema.ts';
import { tagOf, WIRE, type WireWriter } from '../../../core/protobuf/wire-writer.ts';
import { doubleOf, numberText } from './floats.ts';
import type { JsonScanner } from './json-scanner.ts';
import { eachField, FIRST_DELIMITED, type Reading, SECOND_DELIMITED } from './reading.ts';
import { SCALARS } from './scalars.ts';

// google/protobuf/struct.proto: any JSON as messages, and the other way round.

const NULL = tagOf(1, WIRE.varint);
const NUMBER = tagOf(2, WIRE.fixed64);
const STRING = tagOf(3, WIRE.delimited);
const BOOL = tagOf(4, WIRE.varint);
const OBJECT = tagOf(5, WIRE.delimited);
const LIST = tagOf(6, WIRE.delimited);

function inLength(tag: number, out: WireWriter, write: () => void): void {
  out.varint(tag);
  const start = out.begin();
  write();
  out.end(start);
}

function writeValue(scan: JsonScanner, out: WireWriter): void {
  switch (scan.peek()) {
    case 0x6e:
      if (!scan.takesNull()) throw scan.expected('a value');
      out.varint(NULL);
      out.varint(0);
      break;
    case 0x22:
      out.varint(STRING);
      scan.stringInto(out);
      break;
    case 0x74:
    case 0x66:
      out.varint(BOOL);
      SCALARS.bool.write(scan, out);
      break;
    case 0x7b:
      inLength(OBJECT, out, () => writeStruct(scan, out));
      break;
    case 0x5b:
      inLength(LIST, out, () => writeList(scan, out));
      break;
    default:
      out.varint(NUMBER);
      out.double(doubleOf(scan, 'double'));
  }
}

function writeStruct(scan: JsonScanner, out: WireWriter): void {
  scan.openObject();
  const seen = new Set<string>();
  for (let isFirst = true; ; isFirst = false) {
    const name = scan.nextName(isFirst);
    if (name === null) return;
    scan.enter(name);
    if (seen.has(name)) throw scan.fault('is there more than once');
    seen.add(name);
    inLength(FIRST_DELIMITED, out, () => {
      out.varint(FIRST_DELIMITED);
      out.text(name);
      inLength(SECOND_DELIMITED, out, () => writeValue(scan, out));
    });
    scan.leave();
  }
}

function writeList(scan: JsonScanner, out: WireWriter): void {
  scan.openList();
  scan.deeperList();
  scan.enter(0);
  for (let index = 0; scan.hasElement(index === 0); index++) {
    scan.nextIndex(index);
    inLength(FIRST_DELIMITED, out, () => writeValue(scan, out));
  }
  scan.leave();
  scan.shallowerList();
}

/** The last of the kinds that it has; objects and lists that come in pieces are merged. */
function readValue(from: Reading, end: number): string {
  const { wire } = from;
  let [kind, at]: [number, number[]] = [0, []];
  eachField(from, end, (tag) => {
    const isKnown =
      tag === NULL || tag === NUMBER || tag === STRING || tag === BOOL || tag === OBJECT || tag === LIST;
    if (!isKnown) return false;
    const merges = tag === kind && (tag === OBJECT || tag === LIST);
    at = merges ? [...at, wire.pos] : [wire.pos];
    kind = tag;
    return false;
  });
  const [only = 0] = at;
  wire.pos = only;
  const text = kind === OBJECT || kind === LIST ? readPieces(from, kind, at) : readPlain(from, kind);
  wire.pos = end;
  return text;
}

function readPieces(from: Reading, kind: number, at: readonly number[]): string {
  const read = kind === OBJECT ? readStruct : readList;
  const pieces = at.map((pos) => {
    from.wire.pos = pos;
    return from.wire.delimited();
  });
  const [only] = at;
  if (only !== undefined && at.length === 1) {
    from.wire.pos = only;
    return read(from, from.wire.end());
  }
  const whole = Buffer.concat(pieces);
  return read(from.over(whole), whole.length);
}

function readPlain({ wire }: Reading, kind: number): string {
  switch (kind) {
    case NULL:
      return 'null';
    case STRING:
      return SCALARS.string.read(wire);
    case BOOL:
      return SCALARS.bool.read(wire);
    case NUMBER:
      return finite(wire.double());
    default:
      throw new MessageFault('the message has a google.protobuf.Value without a value');
  }
}

function finite(value: number): string {
  if (!Number.isFinite(value)) throw new MessageFault('the message has a number that JSON cannot say');
  return numberText(value);
}

function readStruct(from: Reading, end: number): string {
  from.deeper();
  const { wire } = from;
  const members = new Map<string, string>();
  eachField(from, end, (tag) => {
    if (tag !== FIRST_DELIMITED) return false;
    const entryEnd = wire.end();
    let [keyAt, valueAt] = [-1, -1];
    eachField(from, entryEnd, (inner) => {
      if (inner === FIRST_DELIMITED) keyAt = wire.pos;
      else if (inner === SECOND_DELIMITED) valueAt = wire.pos;
      return false;
    });
    wire.pos = keyAt;
    const name = keyAt === -1 ? '""' : SCALARS.string.read(wire);
    if (valueAt === -1) throw new MessageFault('the message has a google.protobuf.Struct without a value');
    wire.pos = valueAt;
    const value = readValue(from, wire.end());
    from.spend(name.length + value.length);
    members.set(name, value);
    wire.pos = entryEnd;
    return true;
  });
  from.shallower();
  return `{${Array.from(members, ([name, text]) => `${name}:${text}`).join()}}`;
}

function readList(from: Reading, end: number): string {
  from.deeper();
  const { wire } = from;
  const elements: string[] = [];
  eachField(from, end, (tag) => {
    if (tag !== FIRST_DELIMITED) return false;
    const elementEnd = wire.end();
    elements.push(readValue(from, elementEnd));
    return true;
  });
  from.shallower();
  return `[${elements.join()}]`;
}

/** Any JSON. */
export const VALUE = { write: writeValue, read: readValue };
/** Any object. */
export const STRUCT = { write: writeStruct, read: readStruct };
/** Any list. */
export const LIST_VALUE = { write: writeList, read: readList };
