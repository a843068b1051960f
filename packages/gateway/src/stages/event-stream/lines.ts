import { TAKEN, UNKNOWN_LENGTH, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import type { OpenStreams } from '../../core/open-streams.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';

/** What a stream of lines needs of its thread. */
export interface LinesPorts {
  readonly wheel: TimingWheel;
  readonly streams: Pick<OpenStreams, 'lastCallAtMs'>;
}

const LF = 0x0a;

/**
 * The body of a reply that is a stream of lines. Shortly before the gateway ends it does, behind a line, instead of being cut;
 * half a line is no end.
 */
export class Lines implements BodySource, BodySink {
  readonly length = UNKNOWN_LENGTH;
  readonly #exchange: Exchange;
  readonly #source: BodySource;
  readonly #ports: LinesPorts;
  #sink: BodySink | null = null;
  #isLineStart = true;
  #isLeaving = false;
  #deadline: Deadline | null = null;

  constructor(exchange: Exchange, source: BodySource, ports: LinesPorts) {
    this.#exchange = exchange;
    this.#source = source;
    this.#ports = ports;
    exchange.whenDraining(() => this.#wait());
  }

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.#source.readTo(this);
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(): void {
    this.#takeSink();
    this.#source.cancel();
  }

  write(chunk: Buffer): Taken {
    const end = this.#isLeaving ? chunk.indexOf(LF) + 1 : 0;
    if (end > 0) {
      const taken = this.#sink?.write(chunk.subarray(0, end)) ?? TAKEN;
      this.#end();
      return taken;
    }
    this.#isLineStart = chunk.length === 0 ? this.#isLineStart : chunk[chunk.length - 1] === LF;
    return this.#sink?.write(chunk) ?? TAKEN;
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(trailers: Headers | null): void {
    this.#takeSink()?.end(trailers);
  }

  fail(error: GatewayError): void {
    this.#takeSink()?.fail(error);
  }

  #wait(): void {
    const { wheel, streams } = this.#ports;
    if (streams.lastCallAtMs === Infinity) return;
    this.#deadline = new Deadline(() => this.#leave());
    wheel.set(this.#deadline, Math.max(0, streams.lastCallAtMs - wheel.nowMs));
  }

  #leave(): void {
    if (this.#isLineStart) this.#end();
    else this.#isLeaving = true;
  }

  #end(): void {
    const sink = this.#takeSink();
    if (sink === null) return;
    this.#exchange.record.closed = 'drain';
    this.#source.cancel();
    sink.end(null);
  }

  #takeSink(): BodySink | null {
    const sink = this.#sink;
    this.#sink = null;
    if (this.#deadline !== null) this.#ports.wheel.remove(this.#deadline);
    return sink;
  }
}
