import { FRAME_HEAD_BYTES, MAX_PAYLOAD_BYTES } from './frames.ts';

/** Who hears of frames, whole and in their order. */
export interface FrameListener {
  /** Whether nothing more is to be heard. */
  readonly isOver: boolean;
  /** The payload is `bytes[from, to)`, for the time of the call. */
  frame(head: FrameHead, bytes: Buffer, from: number, to: number): void;
  /** A frame that is larger than any may be. */
  oversized(): void;
}

/** What stands before a payload. One object for all, because each is read when the one before is done with. */
export interface FrameHead {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
}

/** Cuts what comes into frames; of one that has not come whole it keeps the beginning, and no more than one frame. */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #head = { type: 0, flags: 0, id: 0 };
  /** The beginning of a frame; its memory has the size of the frame as soon as that is known. */
  #held: Buffer | null = null;
  #heldBytes = 0;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** Takes `bytes[from, to)`. */
  take(bytes: Buffer, from: number, to: number): void {
    let at = this.#held === null ? from : this.#fill(bytes, from, to);
    while (to - at >= FRAME_HEAD_BYTES && !this.#listener.isOver) {
      const end = at + FRAME_HEAD_BYTES + lengthAt(bytes, at);
      if (end - at > FRAME_HEAD_BYTES + MAX_PAYLOAD_BYTES) {
        this.#listener.oversized();
        return;
      }
      if (end > to) break;
      this.#tell(bytes, at, end);
      at = end;
    }
    if (at < to && !this.#listener.isOver) this.#hold(bytes, at, to);
  }

  /** Completes the frame that was begun; gives where the next one starts. */
  #fill(bytes: Buffer, from: number, to: number): number {
    let at = this.#copy(bytes, from, to);
    const held = this.#held;
    if (held === null || this.#heldBytes < held.length) return to;
    if (held.length === FRAME_HEAD_BYTES && lengthAt(held, 0) > 0) {
      this.#held = null;
      this.#heldBytes = 0;
      if (lengthAt(held, 0) > MAX_PAYLOAD_BYTES) {
        this.#listener.oversized();
        return to;
      }
      this.#hold(held, 0, FRAME_HEAD_BYTES);
      at = this.#fill(bytes, at, to);
      return at;
    }
    this.#held = null;
    this.#heldBytes = 0;
    this.#tell(held, 0, held.length);
    return at;
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    const isSized = to - from >= FRAME_HEAD_BYTES;
    const size = FRAME_HEAD_BYTES + (isSized ? lengthAt(bytes, from) : 0);
    this.#held = Buffer.allocUnsafe(size);
    this.#heldBytes = 0;
    this.#copy(bytes, from, to);
  }

  #copy(bytes: Buffer, from: number, to: number): number {
    const held = this.#held;
    if (held === null) return from;
    const count = bytes.copy(held, this.#heldBytes, from, Math.min(to, from + held.length - this.#heldBytes));
    this.#heldBytes += count;
    return from + count;
  }

  #tell(bytes: Buffer, at: number, end: number): void {
    this.#head.type = bytes[at + 3] ?? 0;
    this.#head.flags = bytes[at + 4] ?? 0;
    this.#head.id = uint31At(bytes, at + 5);
    this.#listener.frame(this.#head, bytes, at + FRAME_HEAD_BYTES, end);
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

/** Four bytes without the first bit, which is reserved wherever they stand. */
export function uint31At(bytes: Buffer, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a & 127) << 24) | (b << 16) | (c << 8) | d;
}
