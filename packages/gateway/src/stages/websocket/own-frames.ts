import type { Random } from '../../core/random.ts';
import { OPCODES } from './frame-header.ts';

/** To a client as it is, to a service masked, as if we were a client (RFC 6455 §5.1). */
export type Receiver = 'client' | 'service';

/** Frames of our own. */
export interface OwnFrames {
  close(to: Receiver, code: number, reason: string): Buffer;
  ping(to: Receiver): Buffer;
}

/** Makes frames of our own. */
export function ownFrames(random: Random): OwnFrames {
  function frame(to: Receiver, opcode: number, payload: Buffer): Buffer {
    const isMasked = to === 'service';
    const bytes = Buffer.alloc(2 + (isMasked ? 4 : 0) + payload.length);
    bytes[0] = 0x80 | opcode;
    bytes[1] = (isMasked ? 0x80 : 0) | payload.length;
    if (!isMasked) {
      payload.copy(bytes, 2);
      return bytes;
    }
    bytes.writeUInt32BE(random.next(), 2);
    for (const [i, byte] of payload.entries()) bytes[6 + i] = byte ^ (bytes[2 + (i % 4)] ?? 0);
    return bytes;
  }

  return {
    close(to, code, reason) {
      const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
      payload.writeUInt16BE(code);
      payload.write(reason, 2);
      return frame(to, OPCODES.close, payload);
    },
    ping: (to) => frame(to, OPCODES.ping, NOTHING),
  };
}

const NOTHING = Buffer.alloc(0);
