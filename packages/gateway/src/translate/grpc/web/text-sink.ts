import { TAKEN, type BodySink, type Taken } from '../../../core/body.ts';
import type { GatewayError } from '../../../core/errors.ts';
import type { Headers } from '../../../core/headers.ts';
import { ofCopy } from '../passage.ts';

const GROUP_BYTES = 3;

/**
 * Writes a body as base64. At every flush the text is completed with padding, so that a client reads each message when it comes
 * and not when the next one does.
 */
export class TextSink implements BodySink {
  readonly #sink: BodySink;
  /** Less than a group. */
  #rest: Buffer = NOTHING;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  write(chunk: Buffer): Taken {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.length - (bytes.length % GROUP_BYTES);
    this.#rest = end === bytes.length ? NOTHING : Buffer.from(bytes.subarray(end));
    return end === 0 ? TAKEN : ofCopy(this.#sink.write(base64(bytes.subarray(0, end))));
  }

  flush(): void {
    this.#pad();
    this.#sink.flush();
  }

  end(trailers: Headers | null): void {
    this.#pad();
    this.#sink.end(trailers);
  }

  fail(error: GatewayError): void {
    this.#sink.fail(error);
  }

  #pad(): void {
    if (this.#rest.length === 0) return;
    const rest = this.#rest;
    this.#rest = NOTHING;
    this.#sink.write(base64(rest));
  }
}

const NOTHING = Buffer.alloc(0);

function base64(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('base64'), 'latin1');
}
