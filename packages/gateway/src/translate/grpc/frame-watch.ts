import { GatewayError } from '../../core/errors.ts';
import { PREFIX_BYTES, type FrameLimits } from './frames.ts';

const COMPRESSED = 1;

/** Follows a stream of messages that goes on as it is, and holds nothing of it but where it stands. */
export class FrameWatch {
  readonly #limits: FrameLimits;
  /** Bytes of the prefix that have come. */
  #prefixed = 0;
  /** The length that the prefix says, as far as it has come. */
  #length = 0;
  /** Bytes of the message that have not come. */
  #left = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Whether it stands between two messages: what is written next is read as a prefix. */
  get isBetween(): boolean {
    return this.#prefixed === 0 && this.#left === 0;
  }

  /** Throws a `GatewayError` for a message that is too large, and for flags that no message has. */
  see(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
      } else {
        this.#seePrefix(chunk[at] ?? 0);
        at++;
      }
    }
  }

  /** Throws a `GatewayError` when the stream ends within a message. */
  end(): void {
    if (!this.isBetween) throw new GatewayError(this.#limits.incomplete, 'a message broke off');
  }

  #seePrefix(byte: number): void {
    if (this.#prefixed === 0) this.#seeFlags(byte);
    else this.#length = this.#length * 256 + byte;
    this.#prefixed++;
    if (this.#prefixed < PREFIX_BYTES) return;
    const length = this.#length;
    if (length > this.#limits.messageBytes)
      throw new GatewayError(this.#limits.tooLarge, `a message of ${length} bytes is too large`);
    this.#left = length;
    this.#prefixed = 0;
    this.#length = 0;
  }

  #seeFlags(flags: number): void {
    if (flags > COMPRESSED)
      throw new GatewayError(this.#limits.incomplete, `no message has the flags ${flags}`);
  }
}
