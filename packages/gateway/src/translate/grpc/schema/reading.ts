import { type JsonOptions, MessageFault } from '../../../core/grpc-schema.ts';
import { WireReader } from '../../../core/protobuf/wire-reader.ts';
import { tagOf, WIRE } from '../../../core/protobuf/wire-writer.ts';

/** Where a field is in the bytes: its tag, or its tags, if it came more than once and all of them count. */
export type Where = number | number[];

/** Names of fields and enums are long, and cost the sender one byte: the text may not be longer than this. */
const MAX_CHARACTERS = 64 * 1024 * 1024;

/** One message on its way from bytes to JSON. */
export class Reading {
  readonly wire: WireReader;
  readonly options: JsonOptions;
  depth: number;
  /** Characters of JSON so far, about; shared with those made by `over`. */
  readonly #spent: { characters: number };

  constructor(
    bytes: Uint8Array,
    options: JsonOptions,
    within: { depth: number; spent: { characters: number } } = { depth: 0, spent: { characters: 0 } },
  ) {
    this.wire = new WireReader(bytes);
    this.options = options;
    this.depth = within.depth;
    this.#spent = within.spent;
  }

  /** The same for other bytes of the message. */
  over(bytes: Uint8Array): Reading {
    return new Reading(bytes, this.options, { depth: this.depth, spent: this.#spent });
  }

  spend(characters: number): void {
    this.#spent.characters += characters;
    if (this.#spent.characters > MAX_CHARACTERS) throw new MessageFault('the message is too large for JSON');
  }

  /** One message in another. */
  deeper(): void {
    if (++this.depth > this.options.maxDepth)
      throw new MessageFault(`the message is more than ${this.options.maxDepth} levels deep`);
  }

  shallower(): void {
    this.depth--;
  }

  /**
   * The bytes of a message in a field. What came in pieces is merged, and to merge messages is to put their bytes one after the
   * other. Gives who reads them and where they end.
   */
  content(where: Where): { readonly from: Reading; readonly end: number } {
    if (typeof where === 'number') return { from: this, end: this.contentEnd(where) };
    const pieces = where.map((at) => {
      const end = this.contentEnd(at);
      return this.wire.bytes.subarray(this.wire.pos, end);
    });
    const whole = Buffer.concat(pieces);
    return { from: this.over(whole), end: whole.length };
  }

  /** Goes behind a tag and the length; for a group behind the tag. Gives where its content ends. */
  contentEnd(at: number): number {
    const { wire } = this;
    wire.pos = at;
    const tag = wire.varint();
    if ((tag & 7) === WIRE.delimited) return wire.end();
    const start = wire.pos;
    const end = wire.groupEnd(tag >>> 3);
    wire.pos = start;
    return end;
  }
}

/** Reads each field of a message up to `end`: `take` gets its tag, and says whether it has read it. */
export function eachField(from: Reading, end: number, take: (tag: number) => boolean): void {
  const { wire } = from;
  while (wire.pos < end) {
    const tag = wire.varint();
    if (tag >>> 3 === 0) throw new MessageFault('the message has a field of number 0');
    if (!take(tag)) wire.skip(tag);
  }
  if (wire.pos !== end) throw new MessageFault('the message ends too early');
}

/** Tags of the two fields that many well-known types have. */
export const FIRST_VARINT = tagOf(1, WIRE.varint);
export const SECOND_VARINT = tagOf(2, WIRE.varint);
export const FIRST_DELIMITED = tagOf(1, WIRE.delimited);
export const SECOND_DELIMITED = tagOf(2, WIRE.delimited);
