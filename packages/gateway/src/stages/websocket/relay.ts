import type { BodyOutlet, BodySource } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import type { FarewellCause, OpenStream, OpenStreams } from '../../core/open-streams.ts';
import type { SocketTally, StreamEnd } from '../../core/stream-end.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import { CLOSES, type Close, type OwnEnd } from './closes.ts';
import type { FrameRules, Violation } from './frame-rules.ts';
import { NO_CODE } from './frame-header.ts';
import { Lane, type LaneOwner } from './lane.ts';
import type { OwnFrames, Receiver } from './own-frames.ts';
import type { Vigil } from './vigil.ts';

/** What a relay needs of its route and its thread. */
export interface RelayPlan {
  readonly route: string;
  readonly vigil: Vigil;
  /** Null: frames are only told apart. */
  readonly rules: Readonly<Record<Receiver, FrameRules>> | null;
  readonly frames: OwnFrames;
  readonly wheel: TimingWheel;
  readonly streams: OpenStreams;
  readonly sockets: SocketTally;
}

/** Between the Close of one side and the end of the connection of the service. */
const CLOSING_MS = 10_000;

/**
 * One open WebSocket: its two lanes, and everything that ends it (RFC 6455 §7).
 *
 * A close that a side begins goes through like everything else; we only see to it that the end follows. A close of ours tells
 * both sides, waits for both answers, and ends then, or when that takes too long.
 */
export class Relay implements LaneOwner, OpenStream, BodyOutlet {
  readonly kind = 'websocket';
  readonly route: string;
  /** What the client gets, as the body of the reply. */
  readonly toClient: Lane;
  readonly #toService: Lane;
  readonly #exchange: Exchange;
  readonly #plan: RelayPlan;
  readonly #tunnel: BodyOutlet;
  readonly #deadline: Deadline;
  #leaveAtMs = Infinity;
  #leaveCause: FarewellCause = 'drain';
  #isClosing = false;
  #isOurs = false;

  constructor(exchange: Exchange, reply: Reply & { readonly tunnel: BodyOutlet }, plan: RelayPlan) {
    const { rules, wheel, streams, sockets } = plan;
    this.route = plan.route;
    this.#exchange = exchange;
    this.#plan = plan;
    this.#tunnel = reply.tunnel;
    const source = typeof reply.body === 'object' ? reply.body : null;
    this.toClient = new Lane('service', this, rules?.service ?? null, source);
    this.#toService = new Lane('client', this, rules?.client ?? null);
    this.#deadline = new Deadline(() => this.#look());
    sockets.opened();
    streams.add(this);
    exchange.whenDraining(() => streams.leave(this));
    exchange.whenEnded(() => {
      wheel.remove(this.#deadline);
      streams.delete(this);
      sockets.closed(exchange.record.closed === '' ? 'client-lost' : exchange.record.closed);
    });
    this.#look();
  }

  get nowMs(): number {
    return this.#plan.wheel.nowMs;
  }

  /** Takes what the client sends. */
  start(source: BodySource): void {
    this.#toService.attach(source);
    this.#tunnel.start(this.#toService);
  }

  leave(cause: FarewellCause, afterMs: number): void {
    const atMs = this.nowMs + afterMs;
    if (this.#isClosing || atMs >= this.#leaveAtMs) return;
    this.#leaveCause = cause;
    this.#leaveAtMs = atMs;
    this.#plan.wheel.set(this.#deadline, Math.min(afterMs, this.#deadline.dueMs - this.nowMs));
  }

  // --- what the lanes tell -----------------------------------------------------------------------------------------

  heard(lane: Lane, isSign: boolean): void {
    this.#plan.vigil.heard(lane.from, isSign, this.nowMs);
  }

  message(lane: Lane): void {
    this.#plan.sockets.message(lane.from);
  }

  closeHeard(lane: Lane, code: number): void {
    this.#note(lane.from, code === NO_CODE ? 0 : code);
    if (this.#isOurs) {
      this.#endIfAnswered();
    } else if (!this.#isClosing) {
      this.#isClosing = true;
      this.#plan.wheel.set(this.#deadline, CLOSING_MS);
    }
  }

  broken(lane: Lane, { end, detail }: Violation): void {
    lane.hasHeardClose = true; // nothing that it says from now on could be understood
    this.#close(end, { code: CLOSES[end].code, reason: detail });
  }

  ended(lane: Lane, error: GatewayError | null): void {
    if (lane.from === 'service') this.#serviceEnded(error);
    else this.#clientEnded(error);
  }

  left(lane: Lane): void {
    if (lane.from === 'service') this.#note('client-lost', 0);
  }

  // --- ends --------------------------------------------------------------------------------------------------------

  #serviceEnded(error: GatewayError | null): void {
    const lane = this.toClient;
    if (lane.isClosed || !lane.isBetweenFrames) {
      if (!lane.isClosed) this.#note('service-lost', 0);
      if (lane.isClosed || error === null) lane.finish();
      else lane.break(error);
      return;
    }
    const { code, reason } = CLOSES['service-lost'];
    this.#note('service-lost', code);
    if (error !== null) this.#exchange.record.code = error.code;
    lane.close(this.#plan.frames.close('client', code, reason));
    lane.finish();
  }

  #clientEnded(error: GatewayError | null): void {
    const lane = this.#toService;
    this.#note('client-lost', 0);
    if (error === null) lane.finish();
    else lane.break(error);
    if (this.#isOurs) this.#end();
  }

  /** Ends it from our side, unless somebody else does already. */
  #close(end: OwnEnd, { code, reason }: Close): void {
    if (this.#isClosing) {
      if (this.#isOurs) this.#endIfAnswered();
      return;
    }
    this.#isClosing = this.#isOurs = true;
    const { frames, wheel, streams } = this.#plan;
    this.#note(end, code);
    this.toClient.close(frames.close('client', code, reason));
    this.#toService.close(frames.close('service', code, reason));
    wheel.set(this.#deadline, streams.answerMs);
    this.#endIfAnswered();
  }

  #endIfAnswered(): void {
    if (this.toClient.hasHeardClose && this.#toService.hasHeardClose) this.#end();
  }

  #end(): void {
    this.toClient.finish();
    this.#toService.finish();
    this.toClient.abandon();
  }

  /** The first to end it is the one that the log names. */
  #note(end: StreamEnd, code: number): void {
    const { record } = this.#exchange;
    if (record.closed !== '') return;
    record.closed = end;
    record.closeCode = code;
  }

  // --- time --------------------------------------------------------------------------------------------------------

  #look(): void {
    if (this.#isClosing) {
      this.#end();
      return;
    }
    const { vigil, wheel, frames } = this.#plan;
    if (this.nowMs >= this.#leaveAtMs) {
      this.#close(this.#leaveCause, CLOSES[this.#leaveCause]);
      return;
    }
    for (;;) {
      const due = vigil.due(this.nowMs, (side) => this.#laneOf(side).isStalled);
      if (due.kind === 'end') {
        this.#close(due.end, CLOSES[due.end]);
        return;
      }
      if (due.kind === 'nothing') {
        const untilMs = Math.min(due.untilMs, this.#leaveAtMs);
        if (untilMs !== Infinity) wheel.set(this.#deadline, untilMs - this.nowMs);
        return;
      }
      this.#laneTo(due.to).ping(frames.ping(due.to));
    }
  }

  #laneOf(sender: Receiver): Lane {
    return sender === 'service' ? this.toClient : this.#toService;
  }

  #laneTo(receiver: Receiver): Lane {
    return receiver === 'client' ? this.toClient : this.#toService;
  }
}
