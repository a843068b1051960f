import { uint31At, type FrameHead } from './frame-reader.ts';
import {
  END_HEADERS,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  HAS_PRIORITY,
  HEADERS,
  MAX_PAYLOAD_BYTES,
  NO_ERROR,
  PADDED,
  PROTOCOL_ERROR,
} from './frames.ts';

/** Frames of one block: more are only sent to keep us busy. */
const MAX_FRAMES = 8;
const PRIORITY_BYTES = 5;
const NOTHING = Buffer.alloc(0);

/** Puts header blocks together, which may be cut into frames anywhere (RFC 9113 §4.3). Most come in one, which is not copied. */
export class BlockReader {
  /** More frames of the block have to follow, and nothing else may. */
  isOpen = false;
  id = 0;
  /** With it the stream ends. */
  ends = false;
  /** The block is `bytes[from, to)`, as long as those of its last frame are valid. */
  bytes: Buffer = NOTHING;
  from = 0;
  to = 0;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes + MAX_PAYLOAD_BYTES;
  }

  /** Takes a HEADERS or CONTINUATION frame; gives the error of the connection that it is, or NO_ERROR. */
  take(head: FrameHead, bytes: Buffer, from: number, to: number): number {
    if (head.id === 0 || head.id % 2 === 0 || (this.isOpen && head.id !== this.id)) return PROTOCOL_ERROR;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    if (head.type === HEADERS && !this.#begin(head)) return PROTOCOL_ERROR;
    this.isOpen = (head.flags & END_HEADERS) === 0;
    if (!this.isOpen && this.#parts.length === 0) return NO_ERROR;
    this.#length += this.to - this.from;
    this.#parts.push(Buffer.from(this.bytes.subarray(this.from, this.to)));
    if (this.#parts.length > MAX_FRAMES) return PROTOCOL_ERROR;
    if (this.#length > this.#maxBytes) return ENHANCE_YOUR_CALM;
    if (!this.isOpen) this.#join();
    return NO_ERROR;
  }

  /** The block was read: a connection that says nothing more does not keep it. */
  release(): void {
    this.bytes = NOTHING;
  }

  /** What is around the block goes. False: there is more of it than the frame has, or it makes no sense. */
  #begin({ id, flags }: FrameHead): boolean {
    const isPadded = (flags & PADDED) !== 0;
    this.id = id;
    this.ends = (flags & END_STREAM) !== 0;
    const hasPriority = (flags & HAS_PRIORITY) !== 0;
    if (isPadded) this.to -= this.bytes[this.from++] ?? 0;
    // A stream has never been allowed to depend on itself (RFC 7540 §5.3.1).
    if (hasPriority && uint31At(this.bytes, this.from) === id) return false;
    if (hasPriority) this.from += PRIORITY_BYTES;
    return this.from <= this.to;
  }

  #join(): void {
    this.bytes = Buffer.concat(this.#parts);
    this.from = 0;
    this.to = this.#length;
    this.#parts = [];
    this.#length = 0;
  }
}
