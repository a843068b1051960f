import type { CompressionCoding } from '@turnpike/config';
import { FULL, KEPT, UNKNOWN_LENGTH, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import { encoder, flushEncoder, type Encoder } from './encoders.ts';

/** More is not given to an encoder that is busy. */
const ENOUGH_BYTES = 128 * 1024;

/** How many bodies are being compressed. */
export interface EncodedBodies {
  open: number;
}

/**
 * A body, compressed on its way. A body of unknown length is flushed whenever its source pauses, so that nothing waits for
 * what may come much later.
 */
export class EncodedBody implements BodySource, BodySink {
  readonly length = UNKNOWN_LENGTH;
  readonly #source: BodySource;
  readonly #coding: CompressionCoding;
  readonly #encoder: Encoder;
  readonly #bodies: EncodedBodies;
  #sink: BodySink | null = null;
  #pendingBytes = 0;
  #isPaused = false;
  #isFlushed = true;
  #isOver = false;

  constructor(source: BodySource, coding: CompressionCoding, bodies: EncodedBodies) {
    this.#source = source;
    this.#coding = coding;
    this.#bodies = bodies;
    this.#encoder = encoder(coding);
    bodies.open++;
  }

  // --- as the source of the client ---------------------------------------------------------------------------------

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.#encoder.on('data', (piece: Buffer) => this.#give(piece)).on('error', (error) => this.#broke(error));
    this.#source.readTo(this);
  }

  resume(): void {
    this.#encoder.resume();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#close();
    this.#source.cancel();
  }

  #give(piece: Buffer): void {
    if (this.#sink === null) return;
    if (this.#sink.write(piece) === FULL) this.#encoder.pause();
    this.#sink?.flush();
  }

  /** Not of what comes, which may be anything: so it is a fault of ours. */
  #broke(cause: Error): void {
    const sink = this.#sink;
    if (this.#isOver) return;
    this.#close();
    this.#source.cancel();
    sink?.fail(new GatewayError('INTERNAL', 'could not compress', { cause }));
  }

  // --- as the sink of the service ----------------------------------------------------------------------------------

  write(chunk: Buffer): Taken {
    if (this.#isOver) return KEPT;
    const { length } = chunk;
    this.#pendingBytes += length;
    this.#isFlushed = false;
    this.#encoder.write(chunk, () => this.#took(length));
    if (this.#pendingBytes < ENOUGH_BYTES) return KEPT;
    this.#isPaused = true;
    return FULL;
  }

  flush(): void {
    if (this.#source.length !== UNKNOWN_LENGTH || this.#isFlushed || this.#isOver) return;
    this.#isFlushed = true;
    flushEncoder(this.#encoder, this.#coding);
  }

  end(trailers: Headers | null): void {
    if (this.#isOver) return;
    this.#encoder.once('end', () => {
      const sink = this.#sink;
      this.#close();
      sink?.end(trailers);
    });
    this.#encoder.end();
  }

  fail(error: GatewayError): void {
    const sink = this.#sink;
    this.#close();
    sink?.fail(error);
  }

  #took(bytes: number): void {
    this.#pendingBytes -= bytes;
    if (this.#isOver) return;
    if (!this.#isPaused || this.#pendingBytes >= ENOUGH_BYTES / 2) return;
    this.#isPaused = false;
    this.#source.resume();
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink = null;
    this.#bodies.open--;
    this.#encoder.destroy();
  }
}
