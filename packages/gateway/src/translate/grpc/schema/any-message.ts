import { MessageFault } from '../../../core/grpc-schema.ts';
import type { WireWriter } from '../../../core/protobuf/wire-writer.ts';
import type { JsonScanner } from './json-scanner.ts';
import { quoted } from './quoted.ts';
import { eachField, FIRST_DELIMITED, type Reading, SECOND_DELIMITED } from './reading.ts';
import type { Shape, Shapes } from './shape.ts';
import type { Special } from './well-known.ts';

const EMPTY = 'google.protobuf.Empty';

/** A message of any type that the set has: an object with the name of its type in `@type`. Types are never fetched. */
export function anyMessage(shapes: Shapes): Special {
  return {
    write: (scan, out) => {
      const url = typeUrl(scan);
      if (url === null) return scan.skip();
      const shape = shapes.named(typeName(url));
      if (shape === undefined) {
        scan.enter('@type');
        throw scan.fault(`names a type that is not known: ${url.slice(0, 200)}`);
      }
      out.varint(FIRST_DELIMITED);
      out.text(url);
      const before = out.pos;
      out.varint(SECOND_DELIMITED);
      const start = out.begin();
      if (shape.isSpecial || shape.typeName === EMPTY) writeUnderValue(shape, scan, out);
      else shape.writeInAny(scan, out);
      if (out.pos === start + 1) out.pos = before;
      else out.end(start);
    },
    read: (from, end) => {
      let [url, value]: [string, Uint8Array] = ['', new Uint8Array(0)];
      eachField(from, end, (tag) => {
        if (tag === FIRST_DELIMITED) url = from.wire.text();
        else if (tag === SECOND_DELIMITED) value = from.wire.delimited();
        else return false;
        return true;
      });
      return url === '' && value.length === 0 ? '{}' : textOf(url, value, { shapes, from });
    },
  };
}

function textOf(url: string, value: Uint8Array, { shapes, from }: { shapes: Shapes; from: Reading }): string {
  const shape = shapes.named(typeName(url));
  if (shape === undefined)
    throw new MessageFault(`the message has an Any of a type that is not known: ${url.slice(0, 200)}`);
  from.deeper();
  const text = shape.read(from.over(value), value.length);
  from.shallower();
  const type = `{"@type":${quoted(url)}`;
  if (shape.isSpecial) return `${type},"value":${text}}`;
  return text === '{}' ? `${type}}` : `${type},${text.slice(1)}`;
}

/** `type.googleapis.com/package.Message`; only what is behind the last slash counts. */
function typeName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** Looks ahead for `@type`, which may stand anywhere. Null: the object is empty. */
function typeUrl(scan: JsonScanner): string | null {
  const start = scan.mark();
  scan.openObject('an object with @type');
  let url: string | null = null;
  let isEmpty = true;
  for (;;) {
    const name = scan.nextName(isEmpty);
    if (name === null) break;
    isEmpty = false;
    if (name !== '@type') {
      scan.skip();
      continue;
    }
    scan.enter('@type');
    if (url !== null) throw scan.fault('is there more than once');
    url = scan.string();
    if (!url.includes('/'))
      throw scan.fault('must have a slash before the name, such as "type.googleapis.com/package.Message"');
    scan.leave();
  }
  scan.back(start);
  if (url === null && !isEmpty) throw scan.fault('lacks @type, which says what is in it');
  return url;
}

/** What has JSON of its own has it in `value`. */
function writeUnderValue(shape: Shape, scan: JsonScanner, out: WireWriter): void {
  scan.openObject();
  let hasValue = shape.typeName === EMPTY;
  for (let isFirst = true; ; isFirst = false) {
    const name = scan.nextName(isFirst);
    if (name === null) break;
    scan.enter(name);
    if (name === 'value') {
      shape.write(scan, out);
      hasValue = true;
    } else if (name === '@type' || scan.options.unknownFields === 'ignore') scan.skip();
    else throw scan.fault('is not known beside @type and value');
    scan.leave();
  }
  if (!hasValue) throw scan.fault(`lacks value, which has the ${shape.typeName}`);
}
