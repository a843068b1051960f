import { TAKEN, UNKNOWN_LENGTH, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import { ByteGatherer } from '../../core/byte-gatherer.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import type { Passage } from './passage.ts';

/** What stands after the last message; null: nothing. */
export interface Ending {
  after(trailers: Headers | null): Buffer | null;
  /** In place of what does not come any more; null: there is no way to say it but to break off. */
  instead(error: GatewayError): Buffer | null;
}

/** Of requests: what breaks off breaks off. */
export const NO_ENDING: Ending = { after: () => null, instead: () => null };

/** A body whose messages take a passage on their way. Nothing is kept but a message that has not come in full. */
export class PassingBody implements BodySource, BodySink {
  readonly length: number;
  readonly #source: BodySource;
  readonly #passage: Passage;
  readonly #ending: Ending;
  #sink: BodySink | null = null;

  constructor(source: BodySource, passage: Passage, ending: Ending) {
    this.length = passage.keepsLength && ending === NO_ENDING ? source.length : UNKNOWN_LENGTH;
    this.#source = source;
    this.#passage = passage;
    this.#ending = ending;
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
    const sink = this.#sink;
    if (sink === null) return TAKEN;
    const wasBetween = this.#passage.isBetween;
    try {
      return this.#passage.write(chunk, sink);
    } catch (error) {
      this.#break(asGatewayError(error), wasBetween);
      return TAKEN;
    }
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(trailers: Headers | null): void {
    const sink = this.#takeSink();
    if (sink === null) return;
    try {
      this.#passage.end();
    } catch (error) {
      sink.fail(asGatewayError(error));
      return;
    }
    close(sink, this.#ending.after(trailers));
  }

  fail(error: GatewayError): void {
    this.#failAt(error, this.#passage.isBetween);
  }

  /** Ends it before its time. */
  break(error: GatewayError): void {
    this.#break(error, this.#passage.isBetween);
  }

  #break(error: GatewayError, isBetween: boolean): void {
    this.#source.cancel();
    this.#failAt(error, isBetween);
  }

  #failAt(error: GatewayError, isBetween: boolean): void {
    const sink = this.#takeSink();
    if (sink === null) return;
    const last = isBetween ? this.#ending.instead(error) : null;
    if (last === null) sink.fail(error);
    else close(sink, last);
  }

  #takeSink(): BodySink | null {
    const sink = this.#sink;
    this.#sink = null;
    return sink;
  }
}

function close(sink: BodySink, last: Buffer | null): void {
  if (last !== null) sink.write(last);
  sink.end(null);
}

/** The same for a body that is complete: it stays one, and may be sent twice. Throws a `GatewayError`. */
export function passWhole(body: string, passage: Passage): string {
  const gathered = new ByteGatherer();
  const sink: BodySink = {
    write(chunk) {
      gathered.add(chunk);
      return TAKEN;
    },
    flush() {},
    end() {},
    fail() {},
  };
  passage.write(Buffer.from(body, 'latin1'), sink);
  passage.end();
  return gathered.text();
}

function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('INTERNAL', 'a message could not be passed on', { cause: error });
}
