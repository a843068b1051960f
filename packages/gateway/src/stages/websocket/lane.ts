import { FULL, TAKEN, UNKNOWN_LENGTH, type BodySink, type BodySource, type Taken } from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import { FrameHeader, LONGEST_HEADER_BYTES, OPCODES } from './frame-header.ts';
import type { FrameRules, Violation } from './frame-rules.ts';
import type { Receiver } from './own-frames.ts';

/** Who has both lanes of a WebSocket. */
export interface LaneOwner {
  readonly nowMs: number;
  /** Bytes came; `isSign`: of something that was not only an answer to a ping. */
  heard(lane: Lane, isSign: boolean): void;
  /** A message has begun. */
  message(lane: Lane): void;
  /** The sender has said Close, and all of that has gone on. */
  closeHeard(lane: Lane, code: number): void;
  /** What came does not pass, and nothing after it. */
  broken(lane: Lane, violation: Violation): void;
  /** The sender has finished, or broke off. */
  ended(lane: Lane, error: GatewayError | null): void;
  /** The receiver is gone. */
  left(lane: Lane): void;
}

/**
 * One direction of a WebSocket. Bytes go on as they come and by reference; of each frame only the header is read, so that
 * frames of our own can go out between two others, and so that rules, if there are any, see every frame before it passes.
 *
 * A header that is not complete is held back: what has gone on ends in a payload or between two frames, never within a header.
 */
export class Lane implements BodySource, BodySink {
  readonly length = UNKNOWN_LENGTH;
  readonly from: Receiver;
  /** Whether the sender has said Close. */
  hasHeardClose = false;
  /** Whether the receiver was told Close, by the sender or by us. */
  isClosed = false;
  readonly #owner: LaneOwner;
  readonly #rules: FrameRules | null;
  readonly #header = new FrameHeader();
  readonly #held = Buffer.alloc(LONGEST_HEADER_BYTES);
  #heldBytes = 0;
  /** Bytes of the payload that are to come. */
  #remaining = 0;
  /** Whether the frame that they belong to goes on. */
  #passes = true;
  #source: BodySource | null;
  #sink: BodySink | null = null;
  /** A frame of ours that waits for the end of another. */
  #queued: Buffer | null = null;
  #isStalled = false;
  #isOver = false;
  #isDeaf = false;
  #tellsClose = false;

  constructor(from: Receiver, owner: LaneOwner, rules: FrameRules | null, source: BodySource | null = null) {
    this.from = from;
    this.#owner = owner;
    this.#rules = rules;
    this.#source = source;
  }

  /** Sets where the bytes come from, if that was not known before. */
  attach(source: BodySource): void {
    this.#source = source;
  }

  /** Whether the receiver has enough for now, so that nothing is read from the sender. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** Whether the receiver could be told something now. */
  get isBetweenFrames(): boolean {
    return this.#remaining === 0 || !this.#passes;
  }

  /** Sends a frame of ours before the next one, unless one waits or the receiver was told Close. */
  ping(frame: Buffer): void {
    if (!this.isClosed && this.#queued === null) this.#inject(frame);
  }

  /** Tells the receiver Close after the frame under way. What comes behind is thrown away. */
  close(frame: Buffer): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#inject(frame);
  }

  /** Nothing more goes to the receiver. What still comes is thrown away, until the sender ends. */
  finish(): void {
    this.#stop()?.end(null);
  }

  /** As {@link finish}, when a frame was cut. */
  break(error: GatewayError): void {
    this.#stop()?.fail(error);
  }

  /** Nothing more is wanted from the sender. */
  abandon(): void {
    this.#source?.cancel();
  }

  // --- the source that the receiver reads --------------------------------------------------------------------------

  readTo(sink: BodySink): void {
    if (this.#isOver) {
      sink.end(null);
      return;
    }
    this.#sink = sink;
    this.#sendQueued();
    this.#source?.readTo(this);
  }

  resume(): void {
    this.#isStalled = false;
    this.#source?.resume();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#stop();
    this.#owner.left(this);
    // Of the client the end is still to be heard; a service whose client is gone has nobody to talk to.
    if (this.from === 'service') this.abandon();
  }

  // --- the sink of what the sender sends ---------------------------------------------------------------------------

  write(chunk: Buffer): Taken {
    if (this.#isDeaf) return TAKEN;
    const isSign = this.#remaining > 0 && this.#header.opcode !== OPCODES.pong;
    this.#owner.heard(this, isSign);
    const taken = this.#walk(chunk);
    if (taken === FULL) this.#isStalled = true;
    if (this.#tellsClose && this.#remaining === 0) {
      this.#tellsClose = false;
      this.#sink?.flush();
      this.#owner.closeHeard(this, this.#header.code);
    }
    return taken;
  }

  flush(): void {
    this.#sink?.flush();
  }

  end(): void {
    this.#isDeaf = true;
    this.#owner.ended(this, null);
  }

  fail(error: GatewayError): void {
    this.#isDeaf = true;
    this.#owner.ended(this, error);
  }

  // --- frames ------------------------------------------------------------------------------------------------------

  /** Goes from header to header. `[from, at)` has been looked at and is to go on. */
  #walk(chunk: Buffer): Taken {
    let taken: Taken = TAKEN;
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#remaining > 0) {
        const end = Math.min(chunk.length, at + this.#remaining);
        this.#remaining -= end - at;
        at = end;
        if (!this.#passes) from = at;
        if (this.#remaining > 0 || this.#queued === null) continue;
        taken = most(taken, this.#pass(chunk, from, at));
        from = at;
        this.#sendQueued();
        continue;
      }
      const next = this.#readHeader(chunk, at);
      const isHeld = this.#heldBytes > 0;
      if (next === -1) return most(taken, this.#pass(chunk, from, isHeld ? at : this.#hold(chunk, at)));
      const passes = !this.isClosed;
      const violation = this.#rules?.check(this.#header, this.#owner.nowMs) ?? null;
      if (violation !== null || !passes || isHeld) {
        taken = most(taken, this.#pass(chunk, from, at));
        from = next;
      }
      if (violation !== null) {
        this.#isDeaf = true;
        this.#heldBytes = 0;
        this.#owner.broken(this, violation);
        return taken;
      }
      if (isHeld && passes) this.#passHeld(next - at);
      this.#heldBytes = 0;
      at = next;
      this.#enter(passes);
    }
    return most(taken, this.#pass(chunk, from, at));
  }

  /** Gives the index in the chunk behind the header that is there or goes on there, or -1. */
  #readHeader(chunk: Buffer, at: number): number {
    if (this.#heldBytes === 0) return this.#header.read(chunk, at, chunk.length);
    const copied = chunk.copy(this.#held, this.#heldBytes, at);
    const end = this.#header.read(this.#held, 0, this.#heldBytes + copied);
    if (end !== -1) return at + end - this.#heldBytes;
    this.#heldBytes += copied;
    return -1;
  }

  /** Keeps the beginning of a header; gives where it begins. */
  #hold(chunk: Buffer, at: number): number {
    this.#heldBytes = chunk.copy(this.#held, 0, at);
    return at;
  }

  /** Passes a header of which only the last bytes are in the chunk. */
  #passHeld(fromChunk: number): void {
    this.#sink?.write(Buffer.from(this.#held.subarray(0, this.#heldBytes + fromChunk)));
  }

  /** The header has passed, or not; its payload follows. */
  #enter(passes: boolean): void {
    const { opcode, length, payloadRead } = this.#header;
    this.#remaining = length - payloadRead;
    this.#passes = passes;
    this.#owner.heard(this, opcode !== OPCODES.pong);
    const isMessage = opcode === OPCODES.text || opcode === OPCODES.binary;
    if (isMessage && passes) this.#owner.message(this);
    if (opcode !== OPCODES.close) return;
    this.hasHeardClose = true;
    this.isClosed = true;
    this.#tellsClose = true;
  }

  #pass(chunk: Buffer, from: number, to: number): Taken {
    if (from >= to || this.#sink === null) return TAKEN;
    return this.#sink.write(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
  }

  #inject(frame: Buffer): void {
    this.#queued = frame;
    if (this.isBetweenFrames) this.#sendQueued();
  }

  #sendQueued(): void {
    const frame = this.#queued;
    if (frame === null || this.#sink === null) return;
    this.#queued = null;
    this.#sink.write(frame);
    this.#sink.flush();
  }

  #stop(): BodySink | null {
    const sink = this.#sink;
    this.#sink = null;
    this.#queued = null;
    this.#isOver = true;
    if (this.#isStalled) this.resume();
    return sink;
  }
}

function most(one: Taken, other: Taken): Taken {
  return one > other ? one : other;
}
