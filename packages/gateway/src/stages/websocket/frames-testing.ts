import type { FrameHeader } from './frame-header.ts';

/** For tests: what a frame is made of. */
export interface FrameParts {
  readonly opcode?: number;
  readonly payload?: Uint8Array | string;
  readonly isFinal?: boolean;
  readonly isMasked?: boolean;
  readonly reserved?: number;
  /** In how many bytes the length is written; the fewest without it. */
  readonly lengthBytes?: 0 | 2 | 8;
}

/** The bytes of a frame, with whatever is wrong about it. */
export function frameOf(parts: FrameParts = {}): Buffer {
  const { opcode = 1, isFinal = true, isMasked = false, reserved = 0 } = parts;
  const payload = Buffer.from(parts.payload ?? '');
  const { length } = payload;
  const lengthBytes = parts.lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const kind = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  const head = Buffer.from([(isFinal ? 0x80 : 0) | (reserved << 4) | opcode, (isMasked ? 0x80 : 0) | kind]);
  const size = Buffer.alloc(lengthBytes);
  if (lengthBytes === 2) size.writeUInt16BE(length);
  if (lengthBytes === 8) size.writeBigUInt64BE(BigInt(length));
  const mask = Buffer.from(isMasked ? [0x12, 0x34, 0x56, 0x78] : []);
  if (isMasked) for (let i = 0; i < length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return Buffer.concat([head, size, mask, payload]);
}

/** The payload of a Close. */
export function closePayload(code: number, reason = ''): Buffer {
  const bytes = Buffer.alloc(2 + Buffer.byteLength(reason));
  bytes.writeUInt16BE(code);
  bytes.write(reason, 2);
  return bytes;
}

/** What a header says, as a plain object. */
export function readAs({ isFinal, reserved, opcode, isMasked, length, code }: FrameHeader): object {
  return { isFinal, reserved, opcode, isMasked, length, code };
}
