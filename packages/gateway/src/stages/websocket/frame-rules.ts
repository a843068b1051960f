import type { WebsocketConfig } from '@turnpike/config';
import type { Receiver } from './own-frames.ts';
import { NO_CODE, OPCODES, type FrameHeader } from './frame-header.ts';

/** Why a frame does not pass. */
export interface Violation {
  readonly end: 'protocol' | 'message-size' | 'message-rate';
  /** For the reason of the Close. */
  readonly detail: string;
}

/** The reserved bits that may be set because an extension was agreed on, as in {@link FrameHeader.reserved}. */
export type AllowedBits = number;

const CONTROL = 8;
const MAX_CONTROL_BYTES = 125;

/**
 * Looks at the frames of one side, one header after the other (RFC 6455 §5): what breaks the protocol, and of clients what is
 * too large or too much. The payload is not looked at, and a compressed message counts as it is on the wire.
 */
export class FrameRules {
  readonly #from: Receiver;
  readonly #config: Pick<WebsocketConfig, 'maxMessageBytes' | 'messages'>;
  readonly #allowedBits: AllowedBits;
  readonly #allowance: Allowance | null;
  /** Of the message under way, or -1. */
  #messageBytes = -1;

  constructor(
    from: Receiver,
    config: Pick<WebsocketConfig, 'maxMessageBytes' | 'messages'>,
    allowedBits: AllowedBits,
  ) {
    const { messages } = config;
    this.#from = from;
    this.#config = config;
    this.#allowedBits = allowedBits;
    this.#allowance =
      from === 'client' && messages !== null ? new Allowance(messages.limit, messages.perMs) : null;
  }

  /** What is wrong with the next frame, or null. */
  check(header: FrameHeader, nowMs: number): Violation | null {
    const wrong = this.#malformed(header) ?? this.#misplaced(header);
    if (wrong !== null) return { end: 'protocol', detail: wrong };
    if (this.#from === 'service') return null;
    const { maxMessageBytes } = this.#config;
    if (maxMessageBytes !== null && this.#messageBytes > maxMessageBytes)
      return { end: 'message-size', detail: `a message has more than ${maxMessageBytes} bytes` };
    if (this.#endsMessage(header)) this.#messageBytes = -1;
    // Parts with content are bounded by the size of their message, so that only empty ones have to count.
    const isPart = header.opcode === OPCODES.continuation && header.length > 0;
    if (isPart || this.#allowance === null || this.#allowance.take(nowMs)) return null;
    return { end: 'message-rate', detail: 'too many messages' };
  }

  #malformed(header: FrameHeader): string | null {
    const { opcode, length, code } = header;
    if (header.isMasked !== (this.#from === 'client')) return 'wrong masking';
    if ((header.reserved & ~this.#allowedBits) !== 0) return 'reserved bits are set';
    if (header.isLengthOdd) return 'wrong length';
    if (opcode > OPCODES.pong || (opcode > OPCODES.binary && opcode < OPCODES.close)) return 'unknown opcode';
    if (opcode < CONTROL) return null;
    if (!header.isFinal) return 'a control frame in parts';
    if (length > MAX_CONTROL_BYTES) return 'a control frame is too long';
    if (opcode !== OPCODES.close) return null;
    return length === 1 || (code !== NO_CODE && !isCloseCode(code)) || (length > 1 && code === NO_CODE)
      ? 'wrong close code'
      : null;
  }

  /** Counts the bytes of the message as well. */
  #misplaced({ opcode, length, isFinal }: FrameHeader): string | null {
    if (opcode >= CONTROL) return null;
    const goesOn = opcode === OPCODES.continuation;
    if (goesOn !== this.#messageBytes >= 0)
      return goesOn ? 'nothing to go on with' : 'a message within another';
    this.#messageBytes = (goesOn ? this.#messageBytes : 0) + length;
    if (isFinal && this.#from === 'service') this.#messageBytes = -1;
    return null;
  }

  #endsMessage({ opcode, isFinal }: FrameHeader): boolean {
    return opcode < CONTROL && isFinal;
  }
}

/** So many at once, and as many again in a time (GCRA). */
class Allowance {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  #nextMs = 0;

  constructor(limit: number, perMs: number) {
    this.#intervalMs = perMs / limit;
    this.#burstMs = perMs;
  }

  take(nowMs: number): boolean {
    const afterMs = Math.max(this.#nextMs, nowMs) + this.#intervalMs;
    if (afterMs - nowMs > this.#burstMs + TOLERANCE_MS) return false;
    this.#nextMs = afterMs;
    return true;
  }
}

/** For sums of fractions. */
const TOLERANCE_MS = 1e-6;

/** Whether a code may be sent: those of the protocol that are not only for programs, registered ones, private ones. */
function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
