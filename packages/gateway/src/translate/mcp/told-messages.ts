import { UNKNOWN_LENGTH, TAKEN, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { CallMessages } from './call-messages.ts';
import { breakdown, type ToolResult } from './results.ts';

/** Writes to the client of one request how its call goes on, as events. */
export interface Teller {
  /** Id of the request, for what breaks on the way. */
  readonly requestId: string;
  /** The `count`-th message is there. */
  message(count: number, text: string): Buffer;
  /** Asked for once, at the end. */
  result(result: ToolResult): Buffer;
}

/** The messages of a call as the body of a reply: the client is told of each as fast as it reads, and of the result at the end. */
export class ToldMessages implements BodySink, BodySource {
  readonly length = UNKNOWN_LENGTH;
  readonly #source: BodySource;
  readonly #messages: CallMessages;
  readonly #teller: Teller;
  /** Null before somebody reads, and when there is nothing more to say. */
  #sink: BodySink | null = null;

  constructor(source: BodySource, messages: CallMessages, teller: Teller) {
    this.#source = source;
    this.#messages = messages;
    this.#teller = teller;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.#source.readTo(this);
  }

  resume(): void {
    if (this.#sink !== null) this.#source.resume();
  }

  cancel(): void {
    this.#sink = null;
    this.#source.cancel();
  }

  write(chunk: Buffer): Taken {
    if (this.#sink === null) return TAKEN;
    let taken: Taken = TAKEN;
    let count = this.#messages.count;
    for (const text of this.#messages.take(chunk))
      taken = this.#sink.write(this.#teller.message(++count, text));
    if (!this.#messages.isFull) return taken;
    this.#source.cancel();
    this.#finish(this.#messages.result());
    return TAKEN;
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(): void {
    this.#finish(this.#messages.result());
  }

  fail(error: GatewayError): void {
    this.#finish(breakdown(error, this.#teller.requestId));
  }

  #finish(result: ToolResult): void {
    const sink = this.#sink;
    this.#sink = null;
    sink?.write(this.#teller.result(result));
    sink?.end(null);
  }
}
