import { FULL, UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';

/** A body that a plugin gives piece by piece. It is asked for the next piece when there is room for it. */
export class IteratedBody implements BodySource {
  readonly length = UNKNOWN_LENGTH;
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #plugin: string;
  #sink: BodySink | null = null;
  #isFull = false;

  constructor(chunks: AsyncIterable<Uint8Array>, plugin: string) {
    this.#iterator = chunks[Symbol.asyncIterator]();
    this.#plugin = plugin;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    void this.#pump();
  }

  resume(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    void this.#pump();
  }

  cancel(): void {
    this.#sink = null;
    this.#letGo();
  }

  /** Never rejects: what the plugin throws is told to the sink. */
  async #pump(): Promise<void> {
    try {
      while (this.#sink !== null && !this.#isFull) await this.#step();
    } catch (error) {
      const sink = this.#sink;
      this.#sink = null;
      sink?.fail(this.#failure(error));
      this.#letGo();
    }
  }

  async #step(): Promise<void> {
    const { done, value } = await this.#iterator.next();
    const sink = this.#sink;
    if (sink === null) return;
    if (done === true) {
      this.#sink = null;
      sink.end(null);
      return;
    }
    if (!(value instanceof Uint8Array)) throw new TypeError('a piece of a body is no Uint8Array');
    this.#isFull = sink.write(Buffer.from(value.buffer, value.byteOffset, value.byteLength)) === FULL;
    sink.flush();
  }

  #failure(cause: unknown): GatewayError {
    if (cause instanceof GatewayError) return cause;
    return new GatewayError('PLUGIN_FAILED', `the plugin ${this.#plugin} failed while it gave a body`, {
      cause,
      rule: `plugins.${this.#plugin}`,
    });
  }

  /** A generator that waits for something goes on until it has that; nobody hears of it. */
  #letGo(): void {
    void (async () => {
      try {
        await this.#iterator.return?.();
      } catch {
        // It was not wanted any more, so how it ended is nobody's business.
      }
    })();
  }
}
