import { latin1 } from '../../../core/latin1.ts';
import { decodeHuffman } from './huffman.ts';
import { ENTRY_BYTES, STATIC_TABLE, TABLE_BYTES, type Entry } from './static-table.ts';

/** What became of a header block. After `broken` nobody knows any more what the table of the connection is. */
export type Decoded = 'fields' | 'malformed' | 'too-large' | 'broken';

/** How much of a header block is kept: bytes as RFC 9113 §6.5.2 counts them, and fields. */
export interface DecoderLimits {
  readonly bytes: number;
  readonly fields: number;
}

const TOKEN = /^:?[-!#$%&'*+.^_`|~0-9a-z]+$/;
/** No control characters, and no white space around it (RFC 9113 §8.2.1). */
const VALUE = /^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;
/** No integer that makes sense has more. */
const MAX_INTEGER = 2 ** 24;
const NOTHING = Buffer.alloc(0);

/** Reads the header blocks of one direction of a connection (RFC 7541), one after the other: each may change the table. */
export class FieldDecoder {
  /** Names and values in turn, of the last block. */
  pairs: string[] = [];
  readonly #limits: DecoderLimits;
  /** The newest is the last. */
  #table: Entry[] = [];
  #tableBytes = 0;
  #maxTableBytes = TABLE_BYTES;
  #bytes: Buffer = NOTHING;
  #at = 0;
  #to = 0;
  #isBroken = false;
  #isMalformed = false;
  #kept = 0;

  constructor(limits: DecoderLimits) {
    this.#limits = limits;
  }

  /** Reads the block `bytes[from, to)`. */
  decode(bytes: Buffer, from: number, to: number): Decoded {
    this.pairs = [];
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
    this.#isBroken = this.#isMalformed = false;
    this.#kept = 0;
    while (this.#at < to && !this.#isBroken) this.#field(bytes[this.#at] ?? 0);
    this.#bytes = NOTHING;
    if (this.#isBroken) return 'broken';
    if (this.#kept > this.#limits.bytes || this.pairs.length > 2 * this.#limits.fields) return 'too-large';
    return this.#isMalformed ? 'malformed' : 'fields';
  }

  /** The fields were read: a connection that says nothing more does not keep them. */
  release(): void {
    this.pairs = [];
  }

  /** One representation (RFC 7541 §6), told by the bits that its first byte begins with. */
  #field(first: number): void {
    if (first >= 0x80) {
      const entry = this.#entry(this.#integer(0x7f));
      if (entry !== undefined) this.#emit(entry);
    } else if (first >= 0x40) {
      const entry = this.#literal(0x3f);
      if (entry === null) return;
      this.#emit(entry);
      this.#remember(entry);
    } else if (first >= 0x20) {
      this.#resize(this.#integer(0x1f));
    } else {
      const entry = this.#literal(0x0f);
      if (entry !== null) this.#emit(entry);
    }
  }

  #literal(mask: number): Entry | null {
    const index = this.#integer(mask);
    const known = index === 0 ? null : this.#entry(index);
    const name = index === 0 ? this.#text() : known?.name;
    const value = this.#text();
    if (this.#isBroken || name === undefined) return null;
    // An entry may be malformed for its value alone, which this one has not.
    const isGoodName = known?.isMalformed === false || TOKEN.test(name);
    return { name, value, isMalformed: !isGoodName || !VALUE.test(value) };
  }

  /** What is beyond the limits is read for the sake of the table, and not kept. */
  #emit(entry: Entry): void {
    const { name, value } = entry;
    this.#kept += name.length + value.length + ENTRY_BYTES;
    if (entry.isMalformed) this.#isMalformed = true;
    if (this.#kept <= this.#limits.bytes && this.pairs.length <= 2 * this.#limits.fields)
      this.pairs.push(name, value);
  }

  #entry(index: number): Entry | undefined {
    const entry =
      index <= STATIC_TABLE.length
        ? STATIC_TABLE[index - 1]
        : this.#table[this.#table.length - (index - STATIC_TABLE.length)];
    if (entry === undefined) this.#isBroken = true;
    return entry;
  }

  #remember(entry: Entry): void {
    this.#tableBytes += sizeOf(entry);
    this.#table.push(entry);
    this.#evict();
  }

  #resize(bytes: number): void {
    // Not after a field of the same block, and not more than we have said (RFC 7541 §4.2).
    if (bytes > TABLE_BYTES || this.pairs.length > 0) this.#isBroken = true;
    this.#maxTableBytes = bytes;
    this.#evict();
  }

  #evict(): void {
    if (this.#tableBytes <= this.#maxTableBytes) return;
    let gone = 0;
    while (this.#tableBytes > this.#maxTableBytes) {
      const oldest = this.#table[gone++];
      if (oldest === undefined) break;
      this.#tableBytes -= sizeOf(oldest);
    }
    this.#table.splice(0, gone);
  }

  /** An integer whose prefix is in the bits of `mask` (RFC 7541 §5.1). */
  #integer(mask: number): number {
    let value = (this.#bytes[this.#at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#at < this.#to ? (this.#bytes[this.#at++] ?? 0) : -1;
      value += (byte & 127) * factor;
      if (byte === -1 || value > MAX_INTEGER || factor > MAX_INTEGER) {
        this.#isBroken = true;
        return 0;
      }
      if (byte < 128) return value;
    }
  }

  /** A string literal (RFC 7541 §5.2). */
  #text(): string {
    if (this.#at >= this.#to) this.#isBroken = true;
    if (this.#isBroken) return '';
    const isHuffman = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(0x7f);
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#to) this.#isBroken = true;
    if (this.#isBroken) return '';
    const text = isHuffman ? decodeHuffman(this.#bytes, from, this.#at) : latin1(this.#bytes, from, this.#at);
    if (text === null) this.#isBroken = true;
    return text ?? '';
  }
}

function sizeOf({ name, value }: Entry): number {
  return name.length + value.length + ENTRY_BYTES;
}
