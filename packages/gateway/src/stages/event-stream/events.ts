import type { EventStreamConfig } from '@turnpike/config';
import { FULL, TAKEN, UNKNOWN_LENGTH, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { FarewellCause, OpenStream, OpenStreams } from '../../core/open-streams.ts';
import type { StreamEnd } from '../../core/stream-end.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import { EventBoundary } from './event-boundary.ts';

/** What a stream of events needs of its route and its thread. */
export interface EventsPlan {
  readonly route: string;
  readonly config: EventStreamConfig;
  /** Whether nothing is known of the bytes, because they are compressed. */
  readonly isOpaque: boolean;
  readonly wheel: TimingWheel;
  readonly streams: OpenStreams;
}

/** A comment, which clients skip (HTML standard §9.2.6). */
const COMMENT = Buffer.from(':\n\n');

/**
 * The body of a reply that is a stream of events. Chunks go on as they come and by reference; while the service is silent the
 * client gets comments, and the stream ends between two events when it has to: clients come back by themselves, and say what
 * they had last.
 */
export class Events implements BodySource, BodySink, OpenStream {
  readonly kind = 'event-stream';
  readonly length = UNKNOWN_LENGTH;
  readonly route: string;
  readonly #exchange: Exchange;
  readonly #plan: EventsPlan;
  readonly #source: BodySource;
  readonly #boundary = new EventBoundary();
  readonly #deadline = new Deadline(() => this.#look());
  #sink: BodySink | null = null;
  #isOver = false;
  #isStalled = false;
  #leaveAtMs = Infinity;
  #leaveCause: FarewellCause = 'drain';
  #isLeaving = false;
  #heardAtMs: number;
  #saidAtMs: number;

  constructor(exchange: Exchange, source: BodySource, plan: EventsPlan) {
    const { wheel, streams } = plan;
    this.route = plan.route;
    this.#exchange = exchange;
    this.#source = source;
    this.#plan = plan;
    this.#heardAtMs = this.#saidAtMs = wheel.nowMs;
    streams.add(this);
    exchange.whenDraining(() => streams.leave(this));
    exchange.whenReplyEnded(() => {
      this.#isOver = true;
      wheel.remove(this.#deadline);
      streams.delete(this);
    });
    this.#wait();
  }

  leave(cause: FarewellCause, afterMs: number): void {
    const { wheel } = this.#plan;
    const atMs = wheel.nowMs + afterMs;
    if (this.#isOver || this.#isLeaving || atMs >= this.#leaveAtMs) return;
    this.#leaveCause = cause;
    this.#leaveAtMs = atMs;
    this.#wait();
  }

  // --- the source that the client reads ----------------------------------------------------------------------------

  readTo(sink: BodySink): void {
    this.#sink = sink;
    this.#source.readTo(this);
  }

  resume(): void {
    this.#isStalled = false;
    this.#heardAtMs = this.#plan.wheel.nowMs;
    this.#source.resume();
  }

  cancel(): void {
    this.#isOver = true;
    this.#source.cancel();
  }

  // --- the sink of what the service sends --------------------------------------------------------------------------

  write(chunk: Buffer): Taken {
    const sink = this.#sink;
    if (sink === null || this.#isOver) return TAKEN;
    this.#heardAtMs = this.#saidAtMs = this.#plan.wheel.nowMs;
    const end = this.#isLeaving ? this.#boundary.find(chunk) : -1;
    if (end !== -1) {
      const taken = sink.write(chunk.subarray(0, end));
      this.#end(this.#leaveCause);
      return taken;
    }
    if (!this.#isLeaving) this.#boundary.skip(chunk);
    const taken = sink.write(chunk);
    this.#isStalled = taken === FULL;
    return taken;
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(trailers: Parameters<BodySink['end']>[0]): void {
    if (!this.#isOver) this.#sink?.end(trailers);
  }

  fail(error: GatewayError): void {
    if (!this.#isOver) this.#sink?.fail(error);
  }

  // --- time --------------------------------------------------------------------------------------------------------

  #look(): void {
    const { wheel, streams, config, isOpaque } = this.#plan;
    const { nowMs } = wheel;
    if (this.#isOver) return;
    if (nowMs >= this.#leaveAtMs) {
      if (this.#isLeaving || isOpaque || this.#boundary.isHere) {
        this.#end(this.#leaveCause);
        return;
      }
      this.#isLeaving = true;
      this.#leaveAtMs = nowMs + streams.answerMs;
    }
    if (this.#isStalled) this.#heardAtMs = nowMs;
    if (nowMs >= this.#heardAtMs + (config.idleTimeoutMs ?? Infinity)) {
      this.#end('idle');
      return;
    }
    if (nowMs >= this.#saidAtMs + this.#heartbeatMs) this.#beat();
    this.#wait();
  }

  get #heartbeatMs(): number {
    return this.#plan.isOpaque ? Infinity : (this.#plan.config.heartbeatMs ?? Infinity);
  }

  /** Says that we are still there, if that is no part of an event and the client takes it. */
  #beat(): void {
    this.#saidAtMs = this.#plan.wheel.nowMs;
    if (!this.#boundary.isHere || this.#isStalled) return;
    this.#sink?.write(COMMENT);
    this.#sink?.flush();
  }

  #wait(): void {
    const { wheel, config } = this.#plan;
    const idleAtMs = this.#heardAtMs + (config.idleTimeoutMs ?? Infinity);
    const atMs = Math.min(this.#leaveAtMs, idleAtMs, this.#saidAtMs + this.#heartbeatMs);
    if (atMs !== Infinity) wheel.set(this.#deadline, atMs - wheel.nowMs);
  }

  /** Ends it as if the service had: nothing is missing, and the connection may go on. */
  #end(end: StreamEnd): void {
    this.#isOver = true;
    this.#exchange.record.closed = end;
    const sink = this.#sink;
    this.#source.cancel();
    sink?.end(null);
  }
}
