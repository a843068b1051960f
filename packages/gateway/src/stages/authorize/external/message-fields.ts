import { WireReader } from '../../../core/protobuf/wire-reader.ts';
import { tagOf, WIRE, WireWriter } from '../../../core/protobuf/wire-writer.ts';

/** Writes a message of Protocol Buffers, field by field. What is empty or zero is left out, as proto3 has it. */
export class MessageWriter {
  readonly #writer = new WireWriter();

  message(field: number, write: () => void): void {
    this.#writer.varint(tagOf(field, WIRE.delimited));
    const start = this.#writer.begin();
    write();
    this.#writer.end(start);
  }

  text(field: number, value: string): void {
    if (value === '') return;
    this.#writer.varint(tagOf(field, WIRE.delimited));
    this.#writer.text(value);
  }

  /** A whole number. */
  number(field: number, value: number): void {
    if (value === 0) return;
    this.#writer.varint(tagOf(field, WIRE.varint));
    this.#writer.varint64(value >>> 0, Math.floor(value / 2 ** 32) >>> 0);
  }

  /** Of a `map<string, string>`. */
  entry(field: number, key: string, value: string): void {
    this.message(field, () => {
      this.text(1, key);
      this.text(2, value);
    });
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}

/** Who wants which fields of a message, by number. */
export interface FieldReaders {
  /** Messages, texts and bytes. */
  readonly delimited?: Readonly<Record<number, (value: Uint8Array) => void>>;
  /** Whole numbers and booleans. */
  readonly varint?: Readonly<Record<number, (value: number) => void>>;
}

/** Reads a message field by field; skips what nobody wants. Throws for what is no message. */
export function readMessage(bytes: Uint8Array, { delimited = {}, varint = {} }: FieldReaders): void {
  const reader = new WireReader(bytes);
  while (reader.pos < bytes.length) {
    const tag = reader.varint();
    const [field, type] = [tag >>> 3, tag & 7];
    if (field === 0) throw new Error('a message has no field 0');
    const ofBytes = type === WIRE.delimited ? delimited[field] : undefined;
    const ofNumber = type === WIRE.varint ? varint[field] : undefined;
    if (ofBytes !== undefined) ofBytes(reader.delimited());
    else if (ofNumber !== undefined) ofNumber(reader.varint() | 0);
    else reader.skip(tag);
  }
}

/** The text that these bytes are; what is no UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
