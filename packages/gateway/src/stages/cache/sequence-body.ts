import { KEPT, type Body, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';

/** Bodies one after the other, as one: the parts of a `multipart/byteranges` (RFC 9110 §14.6), or of one representation. */
export class SequenceBody implements BodySource, BodySink {
  readonly length: number;
  /** Those that have not begun, the next one last. */
  readonly #rest: Body[];
  #sink: BodySink | null = null;
  #current: BodySource | null = null;

  /** Their lengths are known, and texts among them are few and small: nobody is asked whether those are enough for now. */
  constructor(bodies: readonly Body[], length: number) {
    this.#rest = bodies.toReversed();
    this.length = length;
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
    for (const body of this.#rest.splice(0)) if (typeof body === 'object') body?.cancel();
  }

  write(chunk: Buffer): Taken {
    return this.#sink?.write(chunk) ?? KEPT;
  }

  flush(): void {
    this.#sink?.flush();
  }

  /** One of them is complete. */
  end(): void {
    this.#proceed();
  }

  fail(error: GatewayError): void {
    const sink = this.#sink;
    this.#current = null;
    this.cancel();
    sink?.fail(error);
  }

  #proceed(): void {
    this.#current = null;
    for (;;) {
      const sink = this.#sink;
      if (sink === null) return;
      const body = this.#rest.pop();
      if (body === undefined) {
        sink.flush();
        sink.end(null);
        return;
      }
      if (typeof body === 'object' && body !== null) {
        this.#current = body;
        body.readTo(this);
        return;
      }
      if (body !== null) sink.write(Buffer.from(body, 'latin1'));
    }
  }
}
