import type { DescMessage } from '@turnpike/config/descriptors';
import type { WireWriter } from '../../../core/protobuf/wire-writer.ts';
import type { JsonScanner } from './json-scanner.ts';
import type { Reading } from './reading.ts';

/** How one type of message is written, both ways. */
export interface Shape {
  readonly typeName: string;
  /** From JSON to the bytes of the message, without its length. */
  readonly write: (scan: JsonScanner, out: WireWriter) => void;
  /** The same for one in an `Any`, whose object has `@type` too. */
  readonly writeInAny: (scan: JsonScanner, out: WireWriter) => void;
  /** From the bytes up to there to JSON. */
  readonly read: (from: Reading, end: number) => string;
  /** Whether its JSON is not an object of its fields; in an `Any` it is in `value`. */
  readonly isSpecial: boolean;
  /** Whether `null` is a value of it. */
  readonly takesNull: boolean;
}

/** The shapes of all types of a set. */
export interface Shapes {
  of(desc: DescMessage): Shape;
  /** By the name in an `Any`. */
  named(typeName: string): Shape | undefined;
}
