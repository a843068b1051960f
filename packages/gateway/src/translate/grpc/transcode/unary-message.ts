import { TAKEN, type BodySink, type BodySource, type Taken } from '../../../core/body.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { CancelListener, Exchange } from '../../../core/exchange.ts';
import type { Headers } from '../../../core/headers.ts';
import { FrameReader } from '../frames.ts';
import type { DecodeMessage } from './message-coding.ts';

/** The whole of a reply that has one message. */
export interface UnaryMessage {
  /** Null if there was none: a call that failed. */
  readonly message: Buffer | null;
  readonly trailers: Headers | null;
}

/** How a message is read. */
export interface MessageRules {
  readonly maxBytes: number;
  readonly decode: DecodeMessage;
}

/** Waits for the message of a reply and for its end. Rejects when it breaks off, has two, and when the exchange is cancelled. */
export function unaryMessage(
  exchange: Exchange,
  body: BodySource,
  rules: MessageRules,
): Promise<UnaryMessage> {
  if (exchange.cancelled !== null) {
    body.cancel();
    return Promise.reject(new GatewayError(exchange.cancelled, 'cancelled before the message came'));
  }
  return new Promise((resolve, reject) => {
    const sink = new UnarySink(body, rules, {
      resolve(message) {
        exchange.whenCancelled(null);
        resolve(message);
      },
      reject(error) {
        if (exchange.cancelled === null) exchange.whenCancelled(null);
        reject(error);
      },
    });
    exchange.whenCancelled(sink);
    body.readTo(sink);
  });
}

/** How the promise is settled. */
interface Settle {
  readonly resolve: (message: UnaryMessage) => void;
  readonly reject: (error: unknown) => void;
}

class UnarySink implements BodySink, CancelListener {
  readonly #source: BodySource;
  readonly #settle: Settle;
  readonly #reader: FrameReader;
  #message: Buffer | null = null;
  #isOver = false;

  constructor(source: BodySource, { maxBytes, decode }: MessageRules, settle: Settle) {
    this.#source = source;
    this.#settle = settle;
    const limits = {
      messageBytes: maxBytes,
      tooLarge: 'RESPONSE_TOO_LARGE',
      incomplete: 'UPSTREAM_INCOMPLETE',
    } as const;
    this.#reader = new FrameReader(limits, (flags, message) => {
      if (this.#message !== null)
        throw new GatewayError('UPSTREAM_INVALID', 'a unary call with two messages');
      const decoded = decode(flags, message);
      this.#message = decoded === message ? Buffer.from(message) : decoded;
    });
  }

  write(chunk: Buffer): Taken {
    if (this.#isOver) return TAKEN;
    try {
      this.#reader.feed(chunk);
    } catch (error) {
      this.#source.cancel();
      this.#end(() => this.#settle.reject(error));
    }
    return TAKEN;
  }

  flush(): void {
    // Nothing goes on before the end.
  }

  end(trailers: Headers | null): void {
    this.#end(() => {
      this.#reader.end();
      this.#settle.resolve({ message: this.#message, trailers });
    });
  }

  fail(error: GatewayError): void {
    this.#end(() => this.#settle.reject(error));
  }

  cancelled(code: GatewayError['code']): void {
    if (this.#isOver) return;
    this.#source.cancel();
    this.fail(new GatewayError(code, 'cancelled while its message came'));
  }

  #end(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      settle();
    } catch (error) {
      this.#settle.reject(error);
    }
  }
}
