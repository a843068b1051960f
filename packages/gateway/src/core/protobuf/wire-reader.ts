import { isUtf8 } from 'node:buffer';
import { MessageFault } from '../grpc-schema.ts';
import { WIRE } from './wire-writer.ts';

/**
 * Reads the wire format of Protocol Buffers. Every method reads at `pos` and moves it behind. What does not fit into the bytes
 * throws `MessageFault`.
 */
export class WireReader {
  readonly bytes: Buffer;
  pos = 0;
  /** The halves of the last number of 64 bits, without sign. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A whole number of at most 32 bits, without sign; of a longer one the lower 32 bits. */
  varint(): number {
    const { bytes, pos } = this;
    const byte = bytes[pos];
    if (byte !== undefined && byte < 0x80) {
      this.pos = pos + 1;
      return byte;
    }
    this.varint64();
    return this.low;
  }

  /** Into `low` and `high`. */
  varint64(): void {
    const { bytes } = this;
    let [low, high] = [0, 0];
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[this.pos++];
      if (byte === undefined) throw cutOff();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new MessageFault('the message has a number of more than ten bytes');
  }

  /** Without sign. */
  fixed32(): number {
    return this.bytes.readUInt32LE(this.#take(4));
  }

  /** Into `low` and `high`. */
  fixed64(): void {
    const pos = this.#take(8);
    this.low = this.bytes.readUInt32LE(pos);
    this.high = this.bytes.readUInt32LE(pos + 4);
  }

  float(): number {
    return this.bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.#take(8));
  }

  /** A length, and gives where what it counts will end. */
  end(): number {
    const length = this.varint();
    const end = this.pos + length;
    if (end > this.bytes.length) throw cutOff();
    return end;
  }

  /** Bytes with their length before them; a view. */
  delimited(): Buffer {
    const end = this.end();
    const view = this.bytes.subarray(this.pos, end);
    this.pos = end;
    return view;
  }

  /** Text with its length before it. Throws `MessageFault` for what is no UTF-8. */
  text(): string {
    const view = this.delimited();
    if (!isUtf8(view)) throw new MessageFault('the message has a text that is not UTF-8');
    return view.toString('utf8');
  }

  /** Goes over a field whose tag was read. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WIRE.varint:
        this.varint64();
        break;
      case WIRE.fixed64:
        this.#take(8);
        break;
      case WIRE.delimited:
        this.pos = this.end();
        break;
      case WIRE.startGroup:
        this.#skipGroup(tag >>> 3);
        break;
      case WIRE.fixed32:
        this.#take(4);
        break;
      default:
        throw new MessageFault('the message has a field of a kind that there is not');
    }
  }

  /** Where the group ends whose tag was read: before its end tag, behind which `pos` is then. */
  groupEnd(field: number): number {
    return this.#skipGroup(field);
  }

  /** Groups lie in each other; a loop, because a client chooses how deeply. */
  #skipGroup(field: number): number {
    const open = [field];
    while (open.length > 0) {
      const start = this.pos;
      const tag = this.varint();
      const [inner, wire] = [tag >>> 3, tag & 7];
      if (wire === WIRE.startGroup) {
        if (open.push(inner) > MAX_GROUPS)
          throw new MessageFault('the message has groups too deeply in each other');
      } else if (wire === WIRE.endGroup) {
        if (open.pop() !== inner) throw new MessageFault('the message has a group that ends as another');
        if (open.length === 0) return start;
      } else this.skip(tag);
    }
    return this.pos;
  }

  #take(bytes: number): number {
    const { pos } = this;
    if (pos + bytes > this.bytes.length) throw cutOff();
    this.pos = pos + bytes;
    return pos;
  }
}

const MAX_GROUPS = 100;

function cutOff(): MessageFault {
  return new MessageFault('the message ends too early');
}
