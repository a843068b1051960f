import { KEPT, type Body, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Multipart } from './rules/ranges.ts';

/** What the parts are taken from. */
type Bytes = (from: number, to: number) => Body;

/** A `multipart/byteranges` body (RFC 9110 §14.6): the parts one after the other, each behind its head. */
export class MultipartBody implements BodySource, BodySink {
  readonly length: number;
  readonly #plan: Multipart;
  readonly #bytes: Bytes;
  #sink: BodySink | null = null;
  #current: BodySource | null = null;
  #next = 0;

  constructor(plan: Multipart, bytes: Bytes) {
    this.#plan = plan;
    this.#bytes = bytes;
    this.length = plan.length;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.#proceed();
  }

  resume(): void {
    this.#current?.resume();
  }

  cancel(): void {
    this.#sink = null;
    this.#current?.cancel();
  }

  write(chunk: Buffer): Taken {
    return this.#sink?.write(chunk) ?? KEPT;
  }

  flush(): void {
    this.#sink?.flush();
  }

  /** A part is complete. */
  end(): void {
    this.#proceed();
  }

  fail(error: GatewayError): void {
    this.#sink?.fail(error);
  }

  #proceed(): void {
    for (;;) {
      this.#current = null;
      const part = this.#plan.parts[this.#next++];
      const sink = this.#sink;
      if (sink === null) return;
      if (part === undefined) {
        sink.write(Buffer.from(this.#plan.tail, 'latin1'));
        sink.flush();
        sink.end(null);
        return;
      }
      sink.write(Buffer.from(part.head, 'latin1'));
      const body = this.#bytes(part.span.from, part.span.to);
      if (typeof body === 'object' && body !== null) {
        this.#current = body;
        body.readTo(this);
        return;
      }
      // There are five small parts at most, so nobody is asked whether that is enough.
      if (body !== null) sink.write(Buffer.from(body, 'latin1'));
    }
  }
}
