/** What a frame is (RFC 6455 §5.2). */
export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A header of the longest kind, and the code that a Close begins with. */
export const LONGEST_HEADER_BYTES = 16;

/** The code of a Close that has none (RFC 6455 §7.1.5). Never sent. */
export const NO_CODE = 1005;

/**
 * The header of one frame, with the code of a Close: read where it lies, and read into again for each frame.
 *
 * A reader without input and output. It takes whatever is there for a header; what makes no sense is for others to refuse.
 */
export class FrameHeader {
  isFinal = false;
  /** The three reserved bits, as a number from 0 to 7; 4 is RSV1. */
  reserved = 0;
  opcode = 0;
  isMasked = false;
  /** Of the payload. Exact up to 2^53. */
  length = 0;
  /** Whether the length could have been written in fewer bytes, or is not below 2^63. */
  isLengthOdd = false;
  /** What a Close says, or {@link NO_CODE}. */
  code = NO_CODE;
  /** Bytes of the payload that were read with the header. */
  payloadRead = 0;

  /** Reads a header at `from`; gives the index behind it and behind the code of a Close, or -1 if there is not all of it. */
  read(bytes: Uint8Array, from: number, to: number): number {
    if (to - from < 2) return -1;
    const first = bytes[from] ?? 0;
    const second = bytes[from + 1] ?? 0;
    const kind = second & 0x7f;
    const lengthBytes = kind === 126 ? 2 : kind === 127 ? 8 : 0;
    const isMasked = second >= 0x80;
    const maskAt = from + 2 + lengthBytes;
    const end = maskAt + (isMasked ? 4 : 0);
    if (end > to) return -1;
    this.isFinal = first >= 0x80;
    this.reserved = (first >> 4) & 7;
    this.opcode = first & 0x0f;
    this.isMasked = isMasked;
    this.#readLength(bytes, from + 2, kind);
    this.code = NO_CODE;
    this.payloadRead = this.opcode === OPCODES.close ? Math.min(this.length, 2) : 0;
    if (end + this.payloadRead > to) return -1;
    if (this.payloadRead === 2) this.code = this.#readCode(bytes, end, maskAt);
    return end + this.payloadRead;
  }

  #readLength(bytes: Uint8Array, at: number, kind: number): void {
    const width = kind === 126 ? 2 : kind === 127 ? 8 : 0;
    let length = width === 0 ? kind : 0;
    for (let i = 0; i < width; i++) length = length * 256 + (bytes[at + i] ?? 0);
    this.length = length;
    this.isLengthOdd =
      (width === 2 && length < 126) || (width === 8 && (length < 65_536 || (bytes[at] ?? 0) >= 0x80));
  }

  #readCode(bytes: Uint8Array, at: number, maskAt: number): number {
    const unmasked = (i: number) => (bytes[at + i] ?? 0) ^ (this.isMasked ? (bytes[maskAt + i] ?? 0) : 0);
    return unmasked(0) * 256 + unmasked(1);
  }
}
