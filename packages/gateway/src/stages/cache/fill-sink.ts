import { FULL, TAKEN, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { Fill } from '../../core/cache-memory.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import type { CachedHead } from './cached-head.ts';

/** Takes all of a body into memory, as fast as it comes: clients that are slow stop nobody. */
export class FillSink implements BodySink {
  readonly #fill: Fill<CachedHead>;
  readonly #source: BodySource;
  readonly #over: () => void;

  constructor(fill: Fill<CachedHead>, source: BodySource, over: () => void) {
    this.#fill = fill;
    this.#source = source;
    this.#over = over;
  }

  write(chunk: Buffer): Taken {
    if (this.#fill.write(chunk)) return TAKEN;
    this.#source.cancel();
    this.#over();
    return TAKEN;
  }

  flush(): void {
    // Nothing is held together here.
  }

  end(): void {
    this.#fill.commit();
    this.#over();
  }

  fail(): void {
    this.#fill.abandon();
    this.#over();
  }
}

/**
 * A body of unknown length on its way to the one who asked for it, copied into memory as it goes by. If that one goes away, the rest
 * is still stored; if it becomes too large for that, it is only passed on.
 */
export class TeeBody implements BodySource, BodySink {
  readonly length: number;
  readonly #source: BodySource;
  readonly #over: () => void;
  #fill: Fill<CachedHead> | null;
  #sink: BodySink | null = null;
  #isFull = false;
  #isBegun = false;

  constructor(source: BodySource, fill: Fill<CachedHead>, over: () => void) {
    this.length = source.length;
    this.#source = source;
    this.#fill = fill;
    this.#over = over;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.#begin();
  }

  /** The one who asked wants nothing more of it. What nobody has begun to read is read into memory alone. */
  leave(): void {
    if (!this.#isBegun) this.#begin();
  }

  resume(): void {
    this.#isFull = false;
    this.#source.resume();
  }

  cancel(): void {
    this.#sink = null;
    if (this.#fill === null) {
      this.#source.cancel();
      this.#over();
    } else if (this.#isFull) {
      this.resume();
    } else {
      this.leave();
    }
  }

  write(chunk: Buffer): Taken {
    if (this.#fill?.write(chunk) === false) this.#fill = null;
    if (this.#sink !== null) {
      const taken = this.#sink.write(chunk);
      this.#isFull = taken === FULL;
      return taken;
    }
    if (this.#fill === null) {
      this.#source.cancel();
      this.#over();
    }
    return TAKEN;
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(trailers: Headers | null): void {
    this.#fill?.commit();
    this.#over();
    this.#sink?.end(trailers);
  }

  fail(error: GatewayError): void {
    this.#fill?.abandon();
    this.#over();
    this.#sink?.fail(error);
  }

  #begin(): void {
    this.#isBegun = true;
    this.#source.readTo(this);
  }
}
