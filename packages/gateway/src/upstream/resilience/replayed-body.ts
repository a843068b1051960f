import { FULL, TAKEN, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';

/**
 * A body that streams on to whoever reads it, and of which so much is kept that another attempt can begin it again.
 *
 * For gRPC calls: nobody can tell from outside whether one message or many will come, and a call of many must not wait for the
 * last. As soon as there is more than is kept, the attempt under way is the last one.
 */
export class ReplayedBody implements BodySink {
  readonly length: number;
  readonly #source: BodySource;
  readonly #mostBytes: number;
  /** Null: it cannot be begun again. */
  #kept: Buffer[] | null = [];
  #keptBytes = 0;
  #reading: Reading | null = null;
  #sink: BodySink | null = null;
  #ending: ((sink: BodySink) => void) | null = null;
  #onSent: (() => void) | null = null;
  #isBegun = false;
  #isBroken = false;
  #isCommitted = false;

  constructor(source: BodySource, mostBytes: number) {
    this.length = source.length;
    this.#source = source;
    this.#mostBytes = mostBytes;
  }

  /** Whether another attempt can send it. */
  get mayReplay(): boolean {
    return this.#kept !== null && !this.#isBroken;
  }

  /** It for one attempt, from its beginning. Those before hear nothing more. */
  reading(): BodySource {
    this.#sink = this.#onSent = null;
    this.#reading = new Reading(this);
    return this.#reading;
  }

  /** Sets who hears when the attempt under way was given all of it; another attempt forgets that. */
  whenSent(listener: () => void): void {
    this.#onSent = listener;
  }

  /** The attempt under way is the last one: nothing is kept any more. */
  commit(): void {
    this.#isCommitted = true;
    this.#kept = null;
    if (this.#reading === null) this.#source.cancel();
  }

  /** There is no other attempt, and nobody reads the rest. */
  cancel(): void {
    this.#kept = null;
    this.#reading = this.#sink = null;
    this.#source.cancel();
  }

  write(chunk: Buffer): Taken {
    const sink = this.#sink;
    if (this.#kept !== null && (sink === null || this.#keptBytes + chunk.length <= this.#mostBytes)) {
      this.#kept.push(Buffer.from(chunk));
      this.#keptBytes += chunk.length;
    } else {
      this.#kept = null;
    }
    // Between two attempts what was read together still comes.
    if (sink === null) return this.#kept === null ? TAKEN : FULL;
    return sink.write(chunk);
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(trailers: Headers | null): void {
    this.#ended((sink) => {
      sink.end(trailers);
      this.#onSent?.();
    });
  }

  fail(error: GatewayError): void {
    this.#isBroken = true;
    this.#ended((sink) => sink.fail(error));
  }

  // --- for its readings --------------------------------------------------------------------------------------------

  readBy(reading: Reading, sink: BodySink): void {
    if (reading !== this.#reading) return;
    this.#sink = sink;
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#source.readTo(this);
      return;
    }
    let isFull = false;
    for (const chunk of this.#kept ?? []) if (sink.write(chunk) === FULL) isFull = true;
    sink.flush();
    if (this.#keptBytes > this.#mostBytes) this.#kept = null;
    if (this.#ending !== null) this.#ending(sink);
    else if (!isFull) this.#source.resume();
  }

  resumedBy(reading: Reading): void {
    if (reading === this.#reading) this.#source.resume();
  }

  cancelledBy(reading: Reading): void {
    if (reading !== this.#reading) return;
    this.#reading = this.#sink = null;
    if (this.#isCommitted) this.#source.cancel();
  }

  #ended(ending: (sink: BodySink) => void): void {
    this.#ending = ending;
    const sink = this.#sink;
    if (sink !== null) ending(sink);
  }
}

/** The body as one attempt sees it. */
class Reading implements BodySource {
  readonly length: number;
  readonly #body: ReplayedBody;

  constructor(body: ReplayedBody) {
    this.length = body.length;
    this.#body = body;
  }

  readTo(sink: BodySink): void {
    this.#body.readBy(this, sink);
  }

  resume(): void {
    this.#body.resumedBy(this);
  }

  cancel(): void {
    this.#body.cancelledBy(this);
  }
}
