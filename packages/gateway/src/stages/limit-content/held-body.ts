import { FULL, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import { Decoding, type DecodingPlan } from './decoding.ts';
import { endingError, type Judge, type Violation } from './violation.ts';

/**
 * A body whose bytes go on, unchanged, when they have been decoded and counted and not before: a bomb of a few kilobytes
 * would otherwise be with the service while its first bytes are still being counted. What waits is one read of the
 * connection.
 */
export class HeldBody implements BodySource, BodySink {
  readonly length: number;
  readonly #source: BodySource;
  readonly #plan: DecodingPlan;
  readonly #judge: Judge;
  readonly #waiting: Buffer[] = [];
  #sink: BodySink | null = null;
  /** Null before the body is read, and when nobody looks any more. */
  #decoding: Decoding | null = null;
  #isBusy = false;
  #isSinkFull = false;
  #end: { readonly trailers: Headers | null } | null = null;

  constructor(source: BodySource, plan: DecodingPlan, judge: Judge) {
    this.length = source.length;
    this.#source = source;
    this.#plan = plan;
    this.#judge = judge;
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.#decoding = new Decoding(this.#plan);
    this.#source.readTo(this);
  }

  resume(): void {
    this.#isSinkFull = false;
    this.#advance();
  }

  cancel(): void {
    this.#close();
    this.#source.cancel();
  }

  write(chunk: Buffer): Taken {
    this.#waiting.push(chunk);
    this.#advance();
    return FULL;
  }

  flush(): void {
    // Each piece goes out as soon as it is counted.
  }

  end(trailers: Headers | null): void {
    this.#end = { trailers };
    this.#advance();
  }

  fail(error: GatewayError): void {
    this.#close()?.fail(error);
  }

  /** Looks into what comes next, or asks for more. */
  #advance(): void {
    if (this.#isBusy || this.#isSinkFull || this.#sink === null) return;
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) void this.#look(chunk);
    else if (this.#end !== null) void this.#lookAtEnd(this.#end.trailers);
    else this.#source.resume();
  }

  /** Never rejects: a decoding says what it finds. */
  async #look(chunk: Buffer): Promise<void> {
    this.#isBusy = true;
    const found = (await this.#decoding?.feed(chunk)) ?? null;
    this.#isBusy = false;
    const sink = this.#sink;
    if (sink === null || this.#isEndedBy(found)) return;
    this.#isSinkFull = sink.write(chunk) === FULL;
    sink.flush();
    this.#advance();
  }

  async #lookAtEnd(trailers: Headers | null): Promise<void> {
    this.#isBusy = true;
    const found = (await this.#decoding?.end()) ?? null;
    if (this.#sink !== null && !this.#isEndedBy(found)) this.#close()?.end(trailers);
  }

  #isEndedBy(found: Violation | null): boolean {
    if (found === null) return false;
    this.#decoding?.close();
    this.#decoding = null;
    if (this.#judge(found) === 'go on') return false;
    const sink = this.#close();
    this.#source.cancel();
    sink?.fail(endingError(found));
    return true;
  }

  /** Nothing goes on any more; gives who has to hear of it, once. */
  #close(): BodySink | null {
    const sink = this.#sink;
    this.#sink = null;
    this.#waiting.length = 0;
    this.#decoding?.close();
    this.#decoding = null;
    return sink;
  }
}
