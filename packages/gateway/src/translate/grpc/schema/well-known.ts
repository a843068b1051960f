import type { ScalarType } from '../../../core/grpc-schema.ts';
import { MessageFault } from '../../../core/grpc-schema.ts';
import { tagOf, type WireWriter } from '../../../core/protobuf/wire-writer.ts';
import { maskPathOf, maskPathText } from './field-masks.ts';
import type { JsonScanner } from './json-scanner.ts';
import { durationOf, durationText, type SecondsNanos, timestampOf, timestampText } from './moments.ts';
import { quoted } from './quoted.ts';
import { eachField, FIRST_DELIMITED, FIRST_VARINT, type Reading, SECOND_VARINT } from './reading.ts';
import { SCALARS } from './scalars.ts';
import { LIST_VALUE, STRUCT, VALUE } from './struct-values.ts';

/** How a type of Google's is written whose JSON is not an object of its fields. */
export interface Special {
  readonly write: (scan: JsonScanner, out: WireWriter) => void;
  readonly read: (from: Reading, end: number) => string;
}

interface Moment {
  readonly name: string;
  readonly example: string;
  readonly parse: (text: string) => SecondsNanos | null;
  readonly show: (value: SecondsNanos) => string | null;
}

function moment({ name, example, parse, show }: Moment): Special {
  return {
    write: (scan, out) => {
      const value = parse(scan.string());
      if (value === null) throw scan.fault(`must be a ${name} such as "${example}"`);
      if (value.seconds !== 0) putSeconds(value.seconds, FIRST_VARINT, out);
      if (value.nanos !== 0) putSeconds(value.nanos, SECOND_VARINT, out);
    },
    read: (from, end) => {
      const { wire } = from;
      let [seconds, nanos] = [0, 0];
      eachField(from, end, (tag) => {
        if (tag !== FIRST_VARINT && tag !== SECOND_VARINT) return false;
        wire.varint64();
        if (tag === FIRST_VARINT) seconds = (wire.high | 0) * 2 ** 32 + wire.low;
        else nanos = wire.low | 0;
        return true;
      });
      const text = show({ seconds, nanos });
      if (text === null) throw new MessageFault(`the message has a ${name} that is out of range`);
      return `"${text}"`;
    },
  };
}

function putSeconds(value: number, tag: number, out: WireWriter): void {
  out.varint(tag);
  out.varint64(value >>> 0, Math.floor(value / 2 ** 32) >>> 0);
}

const fieldMask: Special = {
  write: (scan, out) => {
    const text = scan.string();
    if (text === '') return;
    for (const one of text.split(',')) {
      const path = maskPathOf(one);
      if (path === null || one === '')
        throw scan.fault('must be paths with commas between them, such as "user.displayName,photo"');
      out.varint(FIRST_DELIMITED);
      out.text(path);
    }
  },
  read: (from, end) => {
    const paths: string[] = [];
    eachField(from, end, (tag) => {
      if (tag !== FIRST_DELIMITED) return false;
      const path = maskPathText(from.wire.text());
      if (path === null) throw new MessageFault('the message has a field mask that JSON cannot say');
      paths.push(path);
      return true;
    });
    return quoted(paths.join());
  },
};

/** `Int32Value` and its like: their value is bare in JSON. */
function wrapper(type: ScalarType): Special {
  const scalar = SCALARS[type];
  const tag = tagOf(1, scalar.wire);
  return {
    write: (scan, out) => {
      const start = out.pos;
      out.varint(tag);
      if (scalar.write(scan, out)) out.pos = start;
    },
    read: (from, end) => {
      let text = scalar.zero;
      eachField(from, end, (given) => {
        if (given !== tag) return false;
        text = scalar.read(from.wire);
        return true;
      });
      return text;
    },
  };
}

/** By the name of the type. `Any` is not among them: it needs to know all others. */
export const SPECIALS: ReadonlyMap<string, Special> = new Map([
  [
    'google.protobuf.Timestamp',
    moment({ name: 'time', example: '2026-01-31T23:59:59.5Z', parse: timestampOf, show: timestampText }),
  ],
  [
    'google.protobuf.Duration',
    moment({ name: 'duration', example: '1.5s', parse: durationOf, show: durationText }),
  ],
  ['google.protobuf.FieldMask', fieldMask],
  ['google.protobuf.Struct', STRUCT],
  ['google.protobuf.Value', VALUE],
  ['google.protobuf.ListValue', LIST_VALUE],
  ['google.protobuf.DoubleValue', wrapper('double')],
  ['google.protobuf.FloatValue', wrapper('float')],
  ['google.protobuf.Int64Value', wrapper('int64')],
  ['google.protobuf.UInt64Value', wrapper('uint64')],
  ['google.protobuf.Int32Value', wrapper('int32')],
  ['google.protobuf.UInt32Value', wrapper('uint32')],
  ['google.protobuf.BoolValue', wrapper('bool')],
  ['google.protobuf.StringValue', wrapper('string')],
  ['google.protobuf.BytesValue', wrapper('bytes')],
]);

/** The only one of them that `null` is a value of. */
export const VALUE_TYPE = 'google.protobuf.Value';
