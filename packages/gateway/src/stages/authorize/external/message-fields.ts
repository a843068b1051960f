import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Writes a message of Protocol Buffers, field by field. What is empty or zero is left out, as proto3 has it. */
export class MessageWriter {
  readonly #writer = new BinaryWriter();

  message(field: number, write: () => void): void {
    this.#writer.tag(field, WireType.LengthDelimited).fork();
    write();
    this.#writer.join();
  }

  text(field: number, value: string): void {
    if (value !== '') this.#writer.tag(field, WireType.LengthDelimited).string(value);
  }

  /** A whole number. */
  number(field: number, value: number): void {
    if (value !== 0) this.#writer.tag(field, WireType.Varint).int64(value);
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
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const ofBytes = type === WireType.LengthDelimited ? delimited[field] : undefined;
    const ofNumber = type === WireType.Varint ? varint[field] : undefined;
    if (ofBytes !== undefined) ofBytes(reader.bytes());
    else if (ofNumber !== undefined) ofNumber(reader.int32());
    else reader.skip(type, field);
  }
}

/** The text that these bytes are; what is no UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
