import { isUtf8 } from 'node:buffer';
import { MessageFault, type ScalarType } from '../../../core/grpc-schema.ts';
import type { WireReader } from '../../../core/protobuf/wire-reader.ts';
import { WIRE, type WireWriter } from '../../../core/protobuf/wire-writer.ts';
import { writeBase64 } from './base64.ts';
import { doubleOf, floatText, numberText } from './floats.ts';
import type { JsonScanner } from './json-scanner.ts';
import { quoted, quotedBytes } from './quoted.ts';
import { wholeNumber } from './whole-number.ts';

/** How one scalar type is written, both ways. Neither way has a tag. */
export interface Scalar {
  readonly wire: number;
  /** From JSON to bytes. Gives whether it was the zero of its type, which need not be sent. */
  readonly write: (scan: JsonScanner, out: WireWriter) => boolean;
  /** The same from a text: keys of maps. */
  readonly writeText: (text: string, scan: JsonScanner, out: WireWriter) => boolean;
  /** From bytes to JSON. */
  readonly read: (wire: WireReader) => string;
  /** The zero in JSON. */
  readonly zero: string;
}

/** Ranges of whole numbers. */
interface Whole {
  readonly name: ScalarType;
  readonly wire: number;
  readonly min: bigint;
  readonly max: bigint;
  /** Writes the lower and the upper half. */
  readonly put: (out: WireWriter, low: number, high: number) => void;
  readonly read: (wire: WireReader) => string;
}

const TWO_32 = 2 ** 32;

function whole({ name, wire, min, max, put, read }: Whole): Scalar {
  const [least, most] = [Number(min), Number(max)];
  const isText = most > TWO_32;
  const expected = `must be a whole number from ${min} to ${max}`;
  const putNumber = (value: number, out: WireWriter): boolean => {
    put(out, value >>> 0, Math.floor(value / TWO_32) >>> 0);
    return value === 0;
  };
  const writeText = (text: string, scan: JsonScanner, out: WireWriter): boolean => {
    const plain = plainNumber(text);
    if (plain >= least && plain <= most) return putNumber(plain, out);
    const value = wholeNumber(text);
    if (value === null || value < min || value > max) throw scan.fault(`${expected} (${name})`);
    put(out, Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)));
    return value === 0n;
  };
  const write = (scan: JsonScanner, out: WireWriter): boolean => {
    const plain = scan.plainInteger();
    if (plain >= least && plain <= most) return putNumber(plain, out);
    if (!Number.isNaN(plain)) throw scan.fault(`${expected} (${name})`);
    return writeText(scan.peek() === 0x22 ? scan.string() : scan.number(), scan, out);
  };
  return { wire, write, writeText, read, zero: isText ? '"0"' : '0' };
}

/** Most numbers have few digits and nothing else; NaN for those that have not. */
function plainNumber(text: string): number {
  if (text.length > 15 || text.length === 0) return Number.NaN;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return Number.NaN;
    value = value * 10 + (code - 0x30);
  }
  return text.length > 1 && text.charCodeAt(0) === 0x30 ? Number.NaN : value;
}

const MIN_32 = -(2n ** 31n);
const MAX_32 = 2n ** 31n - 1n;
const MAX_U32 = 2n ** 32n - 1n;
const MIN_64 = -(2n ** 63n);
const MAX_64 = 2n ** 63n - 1n;
const MAX_U64 = 2n ** 64n - 1n;

/** Beyond 2⁵³ a JavaScript number is not exact, and many who read JSON are no better: a text. */
function signed64({ low, high }: WireReader): string {
  const upper = high | 0;
  const isSmall = upper >= -0x200000 && upper < 0x200000;
  return isSmall ? `"${upper * TWO_32 + low}"` : `"${(BigInt(upper) << 32n) + BigInt(low)}"`;
}

function unsigned64({ low, high }: WireReader): string {
  return high < 0x200000 ? `"${high * TWO_32 + low}"` : `"${(BigInt(high) << 32n) + BigInt(low)}"`;
}

const varint64 = (out: WireWriter, low: number, high: number): void => out.varint64(low, high);

function fixed64(out: WireWriter, low: number, high: number): void {
  out.fixed32(low);
  out.fixed32(high);
}

/** Small numbers stay small whatever their sign. */
function zigzag64(out: WireWriter, low: number, high: number): void {
  const sign = (high | 0) >> 31;
  out.varint64((low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
}

function readZigzag64(wire: WireReader): string {
  wire.varint64();
  const sign = -(wire.low & 1);
  const low = ((wire.low >>> 1) | (wire.high << 31)) ^ sign;
  wire.high = ((wire.high >>> 1) ^ sign) >>> 0;
  wire.low = low >>> 0;
  return signed64(wire);
}

function readZigzag32(wire: WireReader): string {
  const value = wire.varint();
  return String((value >>> 1) ^ -(value & 1));
}

function float(name: 'float' | 'double'): Scalar {
  const isFloat = name === 'float';
  const put = (value: number, out: WireWriter): boolean => {
    if (isFloat) out.float(value);
    else out.double(value);
    return Object.is(value, 0);
  };
  return {
    wire: isFloat ? WIRE.fixed32 : WIRE.fixed64,
    write: (scan, out) => put(doubleOf(scan, name), out),
    writeText: (_text, scan) => {
      throw scan.fault(`cannot be a ${name}`);
    },
    read: isFloat ? (wire) => floatText(wire.float()) : (wire) => numberText(wire.double()),
    zero: '0',
  };
}

const bool: Scalar = {
  wire: WIRE.varint,
  write: (scan, out) => {
    const value = scan.boolean();
    out.varint(value ? 1 : 0);
    return !value;
  },
  writeText: (text, scan, out) => {
    if (text !== 'true' && text !== 'false') throw scan.fault('must be "true" or "false"');
    out.varint(text === 'true' ? 1 : 0);
    return text === 'false';
  },
  read: (wire) => {
    wire.varint64();
    return wire.low !== 0 || wire.high !== 0 ? 'true' : 'false';
  },
  zero: 'false',
};

const string: Scalar = {
  wire: WIRE.delimited,
  write: (scan, out) => scan.stringInto(out),
  writeText: (text, _scan, out) => {
    out.text(text);
    return text === '';
  },
  read: (wire) => {
    const view = wire.end();
    return quotedBytes(wire, view, refuseMalformed);
  },
  zero: '""',
};

/** Of proto2, where nobody looks at what is in a text: what is no UTF-8 is shown as U+FFFD. */
export const laxString: Scalar = {
  ...string,
  read: (wire) => quotedBytes(wire, wire.end(), (view) => quoted(view.toString('utf8'))),
};

function refuseMalformed(view: Buffer): string {
  if (!isUtf8(view)) throw new MessageFault('the message has a text that is not UTF-8');
  return quoted(view.toString('utf8'));
}

const bytes: Scalar = {
  wire: WIRE.delimited,
  write: (scan, out) => writeBase64(scan, out),
  writeText: (_text, scan) => {
    throw scan.fault('cannot be bytes');
  },
  read: (wire) => {
    const end = wire.end();
    const text = wire.bytes.toString('base64', wire.pos, end);
    wire.pos = end;
    return `"${text}"`;
  },
  zero: '""',
};

/** Every scalar type. */
export const SCALARS: Readonly<Record<ScalarType, Scalar>> = {
  int32: whole({
    name: 'int32',
    wire: WIRE.varint,
    min: MIN_32,
    max: MAX_32,
    put: varint64,
    read: (wire) => String(wire.varint() | 0),
  }),
  uint32: whole({
    name: 'uint32',
    wire: WIRE.varint,
    min: 0n,
    max: MAX_U32,
    put: varint64,
    read: (wire) => String(wire.varint()),
  }),
  sint32: whole({
    name: 'sint32',
    wire: WIRE.varint,
    min: MIN_32,
    max: MAX_32,
    put: (out, low) => out.varint(((low << 1) ^ ((low | 0) >> 31)) >>> 0),
    read: readZigzag32,
  }),
  fixed32: whole({
    name: 'fixed32',
    wire: WIRE.fixed32,
    min: 0n,
    max: MAX_U32,
    put: (out, low) => out.fixed32(low),
    read: (wire) => String(wire.fixed32()),
  }),
  sfixed32: whole({
    name: 'sfixed32',
    wire: WIRE.fixed32,
    min: MIN_32,
    max: MAX_32,
    put: (out, low) => out.fixed32(low),
    read: (wire) => String(wire.fixed32() | 0),
  }),
  int64: whole({
    name: 'int64',
    wire: WIRE.varint,
    min: MIN_64,
    max: MAX_64,
    put: varint64,
    read: (wire) => {
      wire.varint64();
      return signed64(wire);
    },
  }),
  uint64: whole({
    name: 'uint64',
    wire: WIRE.varint,
    min: 0n,
    max: MAX_U64,
    put: varint64,
    read: (wire) => {
      wire.varint64();
      return unsigned64(wire);
    },
  }),
  sint64: whole({
    name: 'sint64',
    wire: WIRE.varint,
    min: MIN_64,
    max: MAX_64,
    put: zigzag64,
    read: readZigzag64,
  }),
  fixed64: whole({
    name: 'fixed64',
    wire: WIRE.fixed64,
    min: 0n,
    max: MAX_U64,
    put: fixed64,
    read: (wire) => {
      wire.fixed64();
      return unsigned64(wire);
    },
  }),
  sfixed64: whole({
    name: 'sfixed64',
    wire: WIRE.fixed64,
    min: MIN_64,
    max: MAX_64,
    put: fixed64,
    read: (wire) => {
      wire.fixed64();
      return signed64(wire);
    },
  }),
  float: float('float'),
  double: float('double'),
  bool,
  string,
  bytes,
};
