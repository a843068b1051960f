import type { DescEnum } from '@turnpike/config/descriptors';
import { WIRE } from '../../../core/protobuf/wire-writer.ts';
import type { JsonScanner } from './json-scanner.ts';
import { quoted } from './quoted.ts';
import type { Scalar } from './scalars.ts';
import { wholeNumber } from './whole-number.ts';

/** Whose only value is `null`. */
export const NULL_VALUE = 'google.protobuf.NullValue';

/**
 * An enum: names in JSON, and also numbers from clients. An open one keeps numbers that have no name. A closed one does not:
 * from bytes they are dropped like unknown fields (`read` gives `''`), in JSON they are refused.
 */
export function enumScalar(desc: DescEnum): Scalar {
  const numbers = new Map(desc.values.map(({ name, number }) => [name, number]));
  const names = new Map<number, string>();
  // Of several names for a number the first is the one to show.
  for (const { name, number } of desc.values) if (!names.has(number)) names.set(number, quoted(name));
  const isNull = desc.typeName === NULL_VALUE;
  if (isNull) names.set(0, 'null');
  const named = (name: string, scan: JsonScanner): number => {
    const number = numbers.get(name);
    if (number === undefined) throw scan.fault(`is no value of ${desc.typeName}${known(desc)}`);
    return number;
  };
  const write: Scalar['write'] = (scan, out) => {
    if (isNull && scan.takesNull()) {
      out.varint(0);
      return true;
    }
    const number = scan.peek() === 0x22 ? named(scan.string(), scan) : numberOf(scan, desc);
    if (!names.has(number) && (!desc.open || number !== (number | 0)))
      throw scan.fault(`is no value of ${desc.typeName}${known(desc)}`);
    out.varint64(number, number < 0 ? -1 : 0);
    return number === 0;
  };
  return {
    wire: WIRE.varint,
    write,
    writeText: (_text, scan) => {
      throw scan.fault('cannot be an enum');
    },
    read: (wire) => {
      const number = wire.varint() | 0;
      return names.get(number) ?? (desc.open ? String(number) : '');
    },
    zero: names.get(desc.values[0]?.number ?? 0) ?? '0',
  };
}

/** NaN: it is not whole. */
function numberOf(scan: JsonScanner, { typeName }: DescEnum): number {
  const plain = scan.plainInteger();
  if (!Number.isNaN(plain)) return plain;
  const code = scan.peek();
  if (code !== 0x2d && !(code >= 0x30 && code <= 0x39))
    throw scan.expected(`the name of a value of ${typeName}`);
  const value = wholeNumber(scan.number());
  return value === null ? Number.NaN : Number(value);
}

/** The names, if they are few enough to be of help. */
function known({ values }: DescEnum): string {
  return values.length > MAX_NAMES ? '' : `, which has ${values.map(({ name }) => name).join(', ')}`;
}

const MAX_NAMES = 20;
