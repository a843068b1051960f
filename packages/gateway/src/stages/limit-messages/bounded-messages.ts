import { KEPT, TAKEN, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import type { MessageGate } from './message-gate.ts';

/** What becomes of a body whose messages are too large. */
export interface MessageBound {
  /** A message has so many bytes: why nothing more goes on; null: it does all the same. */
  exceeded(bytes: number): GatewayError | null;
  /** Trailers in place of a break, where there can be any. */
  trailersFor(error: GatewayError): Headers | null;
}

/** A body of messages that goes on as it is, up to one that is too large. */
export class BoundedMessages implements BodySource, BodySink {
  readonly length: number;
  readonly #source: BodySource;
  readonly #bound: MessageBound;
  #gate: MessageGate | null;
  #sink: BodySink | null = null;

  constructor(source: BodySource, gate: MessageGate, bound: MessageBound) {
    this.length = source.length;
    this.#source = source;
    this.#gate = gate;
    this.#bound = bound;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.#source.readTo(this);
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(): void {
    this.#sink = null;
    this.#source.cancel();
  }

  write(chunk: Buffer): Taken {
    const [sink, gate] = [this.#sink, this.#gate];
    if (sink === null) return TAKEN;
    if (gate === null) return sink.write(chunk);
    const passed = gate.pass(chunk);
    const taken = passed.length === 0 ? TAKEN : sink.write(passed);
    if (gate.excess > 0) return this.#exceeded(gate, sink, taken);
    // What was put together from two pieces is not in the memory of the source.
    return taken === KEPT && passed.buffer !== chunk.buffer ? TAKEN : taken;
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(trailers: Headers | null): void {
    const sink = this.#takeSink();
    const rest = this.#gate?.rest() ?? null;
    if (rest !== null) sink?.write(rest);
    sink?.end(trailers);
  }

  fail(error: GatewayError): void {
    const sink = this.#takeSink();
    const trailers = this.#gate?.isBetween === true ? this.#bound.trailersFor(error) : null;
    if (trailers === null) sink?.fail(error);
    else sink?.end(trailers);
  }

  #exceeded({ excess, beyond }: MessageGate, sink: BodySink, before: Taken): Taken {
    const error = this.#bound.exceeded(excess);
    if (error === null) {
      // It is only counted, and once.
      this.#gate = null;
      const taken = sink.write(beyond);
      return taken > before ? taken : before;
    }
    this.#source.cancel();
    this.fail(error);
    return TAKEN;
  }

  #takeSink(): BodySink | null {
    const sink = this.#sink;
    this.#sink = null;
    return sink;
  }
}
