import { FULL, KEPT, UNKNOWN_LENGTH, type BodySink, type BodySource, type Taken } from './body.ts';
import type { GatewayError } from './errors.ts';
import type { Headers } from './headers.ts';

/**
 * For tests: a body that comes in reads of one or more pieces, as from a connection. All pieces of a read come at once, even
 * when the sink has enough; the next read comes when it asks for more. The end comes with the last read.
 */
export class BodyOfReads implements BodySource {
  readonly length = UNKNOWN_LENGTH;
  isCancelled = false;
  #reads: readonly (readonly Buffer[])[];
  #sink: BodySink | null = null;

  constructor(...reads: readonly (readonly Buffer[])[]) {
    this.#reads = reads;
  }

  /** Reads that were not taken. */
  get left(): number {
    return this.#reads.length;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.resume();
  }

  resume(): void {
    let isFull = false;
    while (this.#sink !== null && !isFull) {
      const [read, ...rest] = this.#reads;
      this.#reads = rest;
      for (const piece of read ?? []) if (this.#sink?.write(piece) === FULL) isFull = true;
      this.#sink?.flush();
      if (rest.length === 0) this.#end();
    }
  }

  cancel(): void {
    this.isCancelled = true;
    this.#sink = null;
  }

  /** The client breaks off. */
  break(error: GatewayError): void {
    const sink = this.#sink;
    this.#sink = null;
    sink?.fail(error);
  }

  #end(): void {
    const sink = this.#sink;
    this.#sink = null;
    sink?.end(null);
  }
}

/** For tests: takes a body, and tells how it ended. */
export class CollectedBody implements BodySink {
  readonly pieces: Buffer[] = [];
  /** What it says of each piece. */
  answer: Taken = KEPT;
  /** `end`, or the error. */
  readonly ended: Promise<'end' | GatewayError>;
  trailers: Headers | null = null;
  #resolve: (ending: 'end' | GatewayError) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }

  write(chunk: Buffer): Taken {
    this.pieces.push(chunk);
    return this.answer;
  }

  flush(): void {
    // Nothing is held together here.
  }

  end(trailers: Headers | null): void {
    this.trailers = trailers;
    this.#resolve('end');
  }

  fail(error: GatewayError): void {
    this.#resolve(error);
  }
}
