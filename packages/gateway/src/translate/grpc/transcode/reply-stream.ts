import {
  FULL,
  TAKEN,
  UNKNOWN_LENGTH,
  type BodySink,
  type BodySource,
  type Taken,
} from '../../../core/body.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { CancelListener, Exchange } from '../../../core/exchange.ts';
import type { GrpcStatus } from '../../../core/grpc-status.ts';
import type { Headers } from '../../../core/headers.ts';
import { FrameReader } from '../frames.ts';
import { endingOf } from './outcome.ts';
import type { DecodeMessage } from './message-coding.ts';

/** How messages of a stream become the bytes of a reply. */
export interface StreamWriter {
  /** What goes out for a message. */
  message(message: Buffer): Buffer;
  /** What goes out at the end of a call that succeeded. */
  closing(): string;
  /** What goes out at the end of one that did not; null: the reply breaks off. */
  failure(status: GrpcStatus): string | null;
}

/** How a stream is read. */
export interface StreamPlan {
  readonly exchange: Exchange;
  readonly source: BodySource;
  readonly writer: StreamWriter;
  readonly maxBytes: number;
  readonly decode: DecodeMessage;
}

/**
 * The messages of a call as the body of a reply: each goes on as soon as it is here, and as fast as the client reads. Of what the service
 * sends, no more is held than the message that is not complete, and what came in one read with the first.
 */
export class ReplyStream implements BodySink, BodySource, CancelListener {
  readonly length = UNKNOWN_LENGTH;
  readonly #plan: StreamPlan;
  readonly #reader: FrameReader;
  /** Before somebody reads on. */
  #held: Buffer[] = [];
  #sink: BodySink | null = null;
  #ending: ((sink: BodySink) => void) | null = null;
  #waiter: Waiter | null = null;
  #isStarted = false;
  #isOver = false;
  #isFull = false;

  constructor(plan: StreamPlan) {
    this.#plan = plan;
    const limits = {
      messageBytes: plan.maxBytes,
      tooLarge: 'RESPONSE_TOO_LARGE',
      incomplete: 'UPSTREAM_INCOMPLETE',
    } as const;
    this.#reader = new FrameReader(limits, (flags, message) =>
      this.#emit(plan.writer.message(plan.decode(flags, message))),
    );
  }

  /** Waits for the first message; gives how the call ended if there was none. Rejects when the stream breaks off before. */
  first(): Promise<GrpcStatus | null> {
    const { exchange, source } = this.#plan;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        if (exchange.cancelled === null) exchange.whenCancelled(null);
        settle();
      };
      this.#waiter = {
        began: (status) => finish(() => resolve(status)),
        failed: (error) => finish(() => reject(error)),
      };
      this.#isStarted = true;
      exchange.whenCancelled(this);
      if (exchange.cancelled === null) source.readTo(this);
      else this.cancelled(exchange.cancelled);
    });
  }

  write(chunk: Buffer): Taken {
    if (this.#isOver) return TAKEN;
    this.#isFull = false;
    try {
      this.#reader.feed(chunk);
    } catch (error) {
      this.#plan.source.cancel();
      this.#fail(error);
    }
    // Before somebody reads, the first read is enough.
    const isHeld = this.#sink === null && this.#held.length > 0;
    if (isHeld) this.#takeWaiter()?.began(null);
    return this.#isFull || isHeld ? FULL : TAKEN;
  }

  flush(): void {
    if (!this.#isOver) this.#sink?.flush();
  }

  end(trailers: Headers | null): void {
    if (this.#isOver) return;
    try {
      this.#reader.end();
      this.#finish(endingOf(this.#plan.exchange, trailers));
    } catch (error) {
      this.#fail(error);
    }
  }

  fail(error: GatewayError): void {
    this.#fail(error);
  }

  cancelled(code: GatewayError['code']): void {
    this.#plan.source.cancel();
    this.#fail(new GatewayError(code, 'cancelled before the first message came'));
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    let isFull = false;
    for (const bytes of this.#held) if (sink.write(bytes) === FULL) isFull = true;
    this.#held = [];
    sink.flush();
    if (this.#ending !== null) this.#ending(sink);
    else if (!this.#isStarted) this.#start();
    else if (!isFull) this.#plan.source.resume();
  }

  resume(): void {
    if (!this.#isOver) this.#plan.source.resume();
  }

  cancel(): void {
    this.#isOver = true;
    this.#sink = null;
    this.#plan.source.cancel();
  }

  #start(): void {
    this.#isStarted = true;
    this.#plan.source.readTo(this);
  }

  #emit(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#sink === null) this.#held.push(bytes);
    else if (this.#sink.write(bytes) === FULL) this.#isFull = true;
  }

  #finish(status: GrpcStatus): void {
    const { writer } = this.#plan;
    const last = status.code === OK ? writer.closing() : writer.failure(status);
    if (last === null) {
      const waiter = this.#takeWaiter();
      this.#over((sink) =>
        sink.fail(new GatewayError('UPSTREAM_INCOMPLETE', `the call failed midway: ${status.code}`)),
      );
      waiter?.began(status);
      return;
    }
    this.#emit(Buffer.from(last));
    const waiter = this.#takeWaiter();
    this.#over((sink) => sink.end(null));
    waiter?.began(status);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const told =
      error instanceof GatewayError
        ? error
        : new GatewayError('INTERNAL', 'a stream could not be read', { cause: error });
    const waiter = this.#takeWaiter();
    this.#over((sink) => sink.fail(told));
    waiter?.failed(told);
  }

  #over(ending: (sink: BodySink) => void): void {
    this.#isOver = true;
    if (this.#sink === null) this.#ending = ending;
    else ending(this.#sink);
  }

  #takeWaiter(): Waiter | null {
    const waiter = this.#waiter;
    this.#waiter = null;
    return waiter;
  }
}

/** Who waits for the first message. */
interface Waiter {
  began(status: GrpcStatus | null): void;
  failed(error: GatewayError): void;
}

const OK = 0;
