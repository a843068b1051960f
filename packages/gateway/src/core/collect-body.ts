import {
  FULL,
  TAKEN,
  UNKNOWN_LENGTH,
  type Body,
  type BodySink,
  type BodySource,
  type Taken,
} from './body.ts';
import { ByteGatherer } from './byte-gatherer.ts';
import { GatewayError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { Headers } from './headers.ts';

/** A body that was waited for. */
export interface CollectedBody {
  /** All of it, one character a byte; null if it is larger. */
  readonly bytes: string | null;
  /** The same body, from its first byte on, to be sent on or cancelled. */
  readonly body: Body;
}

/**
 * Waits for a body of `maxBytes` at most. Of a larger one no more is read than it takes to see that. Rejects when the body
 * breaks off, and when the exchange is cancelled.
 */
export function collectBody(exchange: Exchange, body: Body, maxBytes: number): Promise<CollectedBody> {
  if (body === null || typeof body === 'string') {
    const bytes = body ?? '';
    return Promise.resolve({ bytes: bytes.length > maxBytes ? null : bytes, body });
  }
  if (body.length > maxBytes) return Promise.resolve({ bytes: null, body });
  if (exchange.cancelled !== null) {
    body.cancel();
    return Promise.reject(new GatewayError(exchange.cancelled, 'cancelled before its body was collected'));
  }
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      if (exchange.cancelled === null) exchange.whenCancelled(null);
      settle();
    };
    exchange.whenCancelled({
      cancelled(code) {
        body.cancel();
        reject(new GatewayError(code, 'cancelled while its body was collected'));
      },
    });
    const held = new HeldBody(body, maxBytes, {
      collected: (bytes, whole) => finish(() => resolve({ bytes, body: whole })),
      overflown: () => finish(() => resolve({ bytes: null, body: held })),
      failed: (error) => finish(() => reject(error)),
    });
    body.readTo(held);
  });
}

/** Who waits for a body. */
interface Waiter {
  collected(bytes: string, body: Body): void;
  overflown(): void;
  failed(error: GatewayError): void;
}

/**
 * Holds what comes until it is too much. From then on it is a body that begins with what was held and goes on with the rest.
 */
class HeldBody implements BodySink, BodySource {
  readonly length: number;
  readonly #source: BodySource;
  readonly #maxBytes: number;
  /** Null as soon as it knows. */
  #waiter: Waiter | null;
  /** Null as soon as somebody reads on. */
  #held: ByteGatherer | null = new ByteGatherer();
  #sink: BodySink | null = null;
  /** How the source ended before anybody read on. */
  #ending: ((sink: BodySink) => void) | null = null;

  constructor(source: BodySource, maxBytes: number, waiter: Waiter) {
    this.length = source.length;
    this.#source = source;
    this.#maxBytes = maxBytes;
    this.#waiter = waiter;
  }

  write(chunk: Buffer): Taken {
    const held = this.#held;
    if (held === null) return this.#sink === null ? TAKEN : this.#sink.write(chunk);
    held.add(chunk);
    if (held.length <= this.#maxBytes) return TAKEN;
    this.#takeWaiter()?.overflown();
    // What was read together with this still comes.
    return FULL;
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(trailers: Headers | null): void {
    const waiter = this.#takeWaiter();
    if (waiter === null) this.#finish((sink) => sink.end(trailers));
    else if (this.#held !== null) collected(this.#held, trailers, waiter);
  }

  fail(error: GatewayError): void {
    const waiter = this.#takeWaiter();
    if (waiter === null) this.#finish((sink) => sink.fail(error));
    else waiter.failed(error);
  }

  readTo(sink: BodySink): void {
    const isFull = this.#held !== null && sink.write(this.#held.bytes()) === FULL;
    this.#held = null;
    this.#sink = sink;
    sink.flush();
    if (this.#ending !== null) this.#ending(sink);
    else if (!isFull) this.#source.resume();
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(): void {
    this.#held = null;
    this.#sink = null;
    this.#source.cancel();
  }

  #takeWaiter(): Waiter | null {
    const waiter = this.#waiter;
    this.#waiter = null;
    return waiter;
  }

  #finish(ending: (sink: BodySink) => void): void {
    if (this.#sink === null) this.#ending = ending;
    else ending(this.#sink);
  }
}

/** A body that is complete goes on as a text, unless there are trailers, for which a text has no place. */
function collected(held: ByteGatherer, trailers: Headers | null, waiter: Waiter): void {
  const bytes = held.text();
  if (trailers !== null) waiter.collected(bytes, trailedBody(held.bytes(), trailers));
  else waiter.collected(bytes, bytes === '' ? null : bytes);
}

function trailedBody(bytes: Buffer, trailers: Headers): BodySource {
  return {
    length: UNKNOWN_LENGTH,
    readTo(sink) {
      if (bytes.length > 0) sink.write(bytes);
      sink.end(trailers);
    },
    resume() {},
    cancel() {},
  };
}
