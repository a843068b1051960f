import { FULL, TAKEN, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';

/** Bytes that wait for a plugin, before their source pauses. */
const ENOUGH_BYTES = 64 * 1024;

/** A body as a plugin reads it piece by piece, at its own pace. What comes is copied, because read memory is borrowed. */
export class BodyChunks implements BodySink, AsyncIterableIterator<Uint8Array> {
  readonly #source: BodySource;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isPaused = false;
  #isOver = false;
  #error: GatewayError | null = null;
  #wake: (() => void) | null = null;

  constructor(source: BodySource) {
    this.#source = source;
    source.readTo(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        return { done: false, value: chunk };
      }
      if (this.#error !== null) throw this.#error;
      if (this.#isOver) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#isPaused) {
          this.#isPaused = false;
          this.#source.resume();
        }
      });
    }
  }

  /** The plugin wants no more. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#isOver) this.#source.cancel();
    this.#finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The exchange is over: whoever still waits here would wait for ever. */
  stop(): void {
    if (this.#isOver) return;
    this.#source.cancel();
    this.fail(new GatewayError('CLIENT_CLOSED', 'the exchange was over before its body was read'));
  }

  write(chunk: Buffer): Taken {
    this.#chunks.push(Buffer.from(chunk));
    this.#bytes += chunk.length;
    this.#isPaused = this.#bytes >= ENOUGH_BYTES;
    return this.#isPaused ? FULL : TAKEN;
  }

  flush(): void {
    this.#wakeUp();
  }

  end(): void {
    this.#isOver = true;
    this.#wakeUp();
  }

  fail(error: GatewayError): void {
    this.#isOver = true;
    this.#error = error;
    this.#wakeUp();
  }

  #finish(): void {
    this.#isOver = true;
    this.#chunks = [];
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
