import type { Socket } from 'node:net';
import { latin1 } from '../../../core/latin1.ts';
import { SHARED_READ_BUFFER } from '../../read-buffers.ts';
import { FieldDecoder, type DecoderLimits } from '../hpack/decoder.ts';
import { FieldEncoder } from '../hpack/encoder.ts';
import { BlockReader } from './block-reader.ts';
import { ClosedStreams } from './closed-streams.ts';
import { mayBeTrailers } from './field-rules.ts';
import { FrameReader, uint31At, type FrameHead, type FrameListener } from './frame-reader.ts';
import {
  ACK,
  COMPRESSION_ERROR,
  CONTINUATION,
  DATA,
  END_STREAM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  frameHead,
  GOAWAY,
  HEADERS,
  INITIAL_WINDOW_BYTES,
  MAX_WINDOW_BYTES,
  NO_ERROR,
  PADDED,
  PING,
  PRIORITY,
  PROTOCOL_ERROR,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  STREAM_CLOSED,
  uint32,
  WINDOW_UPDATE,
} from './frames.ts';
import { Http2Stream, type StreamHome } from './http2-stream.ts';
import { Outbox } from './outbox.ts';
import { ownSettings, readSettings } from './settings.ts';

/** Larger than that of a stream, so that one stream that nobody reads leaves room for the others. */
const CONNECTION_WINDOW_BYTES = 1024 * 1024;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** What somebody has done that is allowed, or forgiven, only so often. */
export type Nuisance = 'ping' | 'settings' | 'invalid' | 'idle';

/** Who has a session. */
export interface SessionOwner {
  /** A request has come: names and values in turn, `isTooLarge` without all of them. `ends`: it has no body. */
  opened(stream: Http2Stream, pairs: readonly string[], head: { ends: boolean; isTooLarge: boolean }): void;
  counted(kind: Nuisance): void;
  /** The client broke the rules; the session is over. */
  broken(): void;
  /** No stream is left. */
  idle(): void;
}

/** What a session promises, and holds its client to. */
export interface SessionLimits extends DecoderLimits {
  readonly maxConcurrentStreams: number;
}

/**
 * The server's side of one connection (RFC 9113): reads frames, keeps windows and tables, and holds the client to the rules.
 * What a request means, and how often somebody may do what is allowed, is for the owner.
 */
export class ServerSession implements FrameListener, StreamHome {
  readonly outbox: Outbox;
  readonly encoder = new FieldEncoder();
  window = INITIAL_WINDOW_BYTES;
  isOver = false;
  readonly #owner: SessionOwner;
  readonly #limits: SessionLimits;
  readonly #decoder: FieldDecoder;
  readonly #reader: FrameReader;
  readonly #streams = new Map<number, Http2Stream>();
  /** Those that only wait for the connection. */
  readonly #waiting = new Set<Http2Stream>();
  readonly #closed = new ClosedStreams();
  #prefaceBytes = 0;
  #hasSettings = false;
  readonly #blocks: BlockReader;
  /** The last stream of the client, and the last that was served: not those that came after our goodbye. */
  #lastId = 0;
  #servedId = 0;
  #isGoingAway = false;
  #streamWindow = INITIAL_WINDOW_BYTES;
  #receiveWindow = INITIAL_WINDOW_BYTES;

  constructor(socket: Socket, limits: SessionLimits, owner: SessionOwner) {
    this.outbox = new Outbox(socket);
    this.#limits = limits;
    this.#owner = owner;
    this.#decoder = new FieldDecoder(limits);
    this.#blocks = new BlockReader(limits.bytes);
    this.#reader = new FrameReader(this);
    this.#greet();
  }

  #greet(): void {
    this.outbox.write(ownSettings(this.#limits));
    this.#widenReceiving(CONNECTION_WINDOW_BYTES - INITIAL_WINDOW_BYTES);
  }

  /** Takes what was read. */
  received(bytes: Buffer, count: number): void {
    const from = this.#prefaceBytes < PREFACE.length ? this.#checkPreface(bytes, count) : 0;
    if (from < count && !this.isOver) this.#reader.take(bytes, from, count);
  }

  #checkPreface(bytes: Buffer, count: number): number {
    const length = Math.min(count, PREFACE.length - this.#prefaceBytes);
    const expected = PREFACE.subarray(this.#prefaceBytes, this.#prefaceBytes + length);
    if (!bytes.subarray(0, length).equals(expected)) this.fail(PROTOCOL_ERROR);
    this.#prefaceBytes += length;
    return length;
  }

  // --- frames ------------------------------------------------------------------------------------------------------

  frame(head: FrameHead, bytes: Buffer, from: number, to: number): void {
    const { type } = head;
    if (!this.#hasSettings && type !== SETTINGS) return this.fail(PROTOCOL_ERROR);
    if (this.#blocks.isOpen !== (type === CONTINUATION)) return this.fail(PROTOCOL_ERROR);
    switch (type) {
      case DATA:
        return this.#data(head, bytes, from, to);
      case HEADERS:
      case CONTINUATION:
        return this.#headers(head, bytes, from, to);
      case RST_STREAM:
        return this.#rstStream(head.id, to - from);
      case SETTINGS:
        return this.#settings(head, bytes, from, to);
      case PING:
        return this.#ping(head, bytes, from, to);
      case WINDOW_UPDATE:
        return this.#windowUpdate(head.id, bytes, from, to);
      case PRIORITY:
        return this.#priority(head.id, bytes, from, to);
      case GOAWAY:
        return head.id === 0 && to - from >= 8 ? undefined : this.fail(PROTOCOL_ERROR);
      case PUSH_PROMISE:
        return this.fail(PROTOCOL_ERROR);
      default:
        return this.#owner.counted('idle');
    }
  }

  oversized(): void {
    this.fail(FRAME_SIZE_ERROR);
  }

  #data({ flags, id }: FrameHead, bytes: Buffer, from: number, to: number): void {
    const length = to - from;
    const start = from + ((flags & PADDED) !== 0 ? 1 : 0);
    const end = to - (start > from ? (bytes[from] ?? 0) : 0);
    if (id === 0 || id % 2 === 0 || id > this.#lastId || start > end) return this.fail(PROTOCOL_ERROR);
    this.#receiveWindow -= length;
    if (this.#receiveWindow < 0) return this.fail(FLOW_CONTROL_ERROR);
    if (this.#receiveWindow < CONNECTION_WINDOW_BYTES / 2)
      this.#widenReceiving(CONNECTION_WINDOW_BYTES - this.#receiveWindow);
    const stream = this.#streams.get(id);
    if (stream === undefined) return this.#late(id);
    if (stream.hasReceivedEnd) return this.fail(STREAM_CLOSED);
    const ends = (flags & END_STREAM) !== 0;
    if (start === end && !ends) this.#owner.counted('invalid');
    const isBorrowed = bytes.buffer === SHARED_READ_BUFFER.buffer;
    if (!stream.received(length, bytes.subarray(start, end), isBorrowed))
      return this.fail(FLOW_CONTROL_ERROR);
    this.#checkLength(stream, ends);
    if (ends && !stream.isClosed) stream.receivedEnd(null);
  }

  #checkLength(stream: Http2Stream, ends: boolean): void {
    if (!stream.isClosed && stream.isWrongLength(ends)) this.#malformed(stream);
  }

  #headers(head: FrameHead, bytes: Buffer, from: number, to: number): void {
    if (this.#streams.get(head.id)?.hasReceivedEnd === true && head.type === HEADERS)
      return this.fail(STREAM_CLOSED);
    const code = this.#blocks.take(head, bytes, from, to);
    if (code !== NO_ERROR) this.fail(code);
    else if (!this.#blocks.isOpen) {
      this.#section(this.#blocks);
      this.#decoder.release();
    }
    this.#blocks.release();
  }

  /** A field section is there: a request, or trailers. */
  #section({ id, ends, bytes, from, to }: BlockReader): void {
    const found = this.#decoder.decode(bytes, from, to);
    if (found === 'broken') return this.fail(COMPRESSION_ERROR);
    const { pairs } = this.#decoder;
    const known = this.#streams.get(id);
    if (known !== undefined) {
      if (found !== 'fields' || !ends || !mayBeTrailers(pairs) || known.isWrongLength(true))
        this.#malformed(known);
      else known.receivedEnd(pairs);
      return;
    }
    if (id <= this.#lastId) {
      this.#owner.counted('invalid');
      return this.#late(id);
    }
    this.#lastId = id;
    // Who has heard our goodbye repeats these elsewhere (RFC 9113 §6.8).
    if (this.#isGoingAway) return this.#closed.add(id, true);
    this.#servedId = id;
    const stream = new Http2Stream(id, this.#streamWindow, this);
    this.#streams.set(id, stream);
    stream.hasReceivedEnd = ends;
    if (found === 'malformed') this.#malformed(stream);
    else this.#owner.opened(stream, pairs, { ends, isTooLarge: found === 'too-large' });
  }

  /** Something came for a stream that is closed: it was on its way when we closed it, or breaks the rules. */
  #late(id: number): void {
    const closed = this.#closed.find(id);
    if (closed === 'over') this.fail(STREAM_CLOSED);
    else if (closed === 'unknown') this.fail(PROTOCOL_ERROR);
  }

  /** A message that breaks the rules takes its stream with it (RFC 9113 §8.1.1). */
  #malformed(stream: Http2Stream): void {
    this.#owner.counted('invalid');
    stream.reset(PROTOCOL_ERROR);
  }

  /** A request was found to be malformed by who knows more of it. */
  refuseMalformed(stream: Http2Stream): void {
    this.#malformed(stream);
  }

  /** Priorities mean nothing any more, but a stream has never been allowed to depend on itself (RFC 7540 §5.3.1). */
  #priority(id: number, bytes: Buffer, from: number, to: number): void {
    if (id === 0) return this.fail(PROTOCOL_ERROR);
    if (to - from !== 5) return this.fail(FRAME_SIZE_ERROR);
    if (uint31At(bytes, from) === id) return this.fail(PROTOCOL_ERROR);
    this.#owner.counted('idle');
  }

  #rstStream(id: number, length: number): void {
    if (length !== 4) return this.fail(FRAME_SIZE_ERROR);
    if (id === 0 || id > this.#lastId) return this.fail(PROTOCOL_ERROR);
    const stream = this.#streams.get(id);
    if (stream === undefined) this.#owner.counted('idle');
    else stream.lost();
  }

  #ping({ flags, id }: FrameHead, bytes: Buffer, from: number, to: number): void {
    if (id !== 0) return this.fail(PROTOCOL_ERROR);
    if (to - from !== 8) return this.fail(FRAME_SIZE_ERROR);
    this.#owner.counted('ping');
    if ((flags & ACK) === 0 && !this.isOver)
      this.outbox.write(frameHead(8, PING, ACK, 0) + latin1(bytes, from, to));
  }

  #windowUpdate(id: number, bytes: Buffer, from: number, to: number): void {
    if (to - from !== 4) return this.fail(FRAME_SIZE_ERROR);
    const more = uint31At(bytes, from);
    if (more === 0 || id > this.#lastId) return this.fail(PROTOCOL_ERROR);
    if (id !== 0) {
      if (this.#streams.get(id)?.widen(more) === false) this.fail(FLOW_CONTROL_ERROR);
      return;
    }
    this.window += more;
    if (this.window > MAX_WINDOW_BYTES) this.fail(FLOW_CONTROL_ERROR);
    else this.sendWaiting();
  }

  // --- settings ----------------------------------------------------------------------------------------------------

  #settings(head: FrameHead, bytes: Buffer, from: number, to: number): void {
    const settings = readSettings(head, bytes, from, to);
    if (typeof settings === 'number') return this.fail(settings);
    if (settings === null) return;
    if (this.#hasSettings) this.#owner.counted('settings');
    this.#hasSettings = true;
    const { tableBytes, windowBytes } = settings;
    if (tableBytes !== null) this.encoder.resize(tableBytes);
    if (windowBytes !== null) this.#widenStreams(windowBytes);
    if (!this.isOver) this.outbox.write(frameHead(0, SETTINGS, ACK, 0));
  }

  /** Those that are open have their windows changed by the difference (RFC 9113 §6.9.2). */
  #widenStreams(windowBytes: number): void {
    const more = windowBytes - this.#streamWindow;
    this.#streamWindow = windowBytes;
    for (const stream of this.#streams.values()) if (!stream.widen(more)) this.fail(FLOW_CONTROL_ERROR);
  }

  // --- for its streams ---------------------------------------------------------------------------------------------

  await(stream: Http2Stream): void {
    this.#waiting.add(stream);
  }

  /** The connection has room again: each of those that wait gets a frame in its turn. */
  sendWaiting(): void {
    // One that still waits comes after all others, also the next time: whoever opens the window by little starves none.
    for (const stream of this.#waiting) {
      if (this.window <= 0 || this.outbox.isFull) return;
      this.#waiting.delete(stream);
      stream.send(1);
    }
  }

  forget(stream: Http2Stream): void {
    this.#streams.delete(stream.id);
    this.#closed.add(stream.id, stream.wasResetByUs);
    this.#waiting.delete(stream);
    if (this.#streams.size === 0) this.#owner.idle();
  }

  // --- the end -----------------------------------------------------------------------------------------------------

  /** Says that nothing new is taken; what is under way goes on. */
  goAway(): void {
    if (this.#isGoingAway || this.isOver) return;
    this.#isGoingAway = true;
    this.outbox.write(frameHead(8, GOAWAY, 0, 0) + uint32(this.#servedId) + uint32(NO_ERROR));
  }

  /** The client broke a rule that concerns all of the connection (RFC 9113 §5.4.1). */
  fail(code: number): void {
    if (this.isOver) return;
    this.end(code);
    this.#owner.broken();
  }

  /** Ends everything, and says why. */
  end(code: number): void {
    if (this.isOver) return;
    this.isOver = true;
    this.outbox.write(frameHead(8, GOAWAY, 0, 0) + uint32(this.#servedId) + uint32(code));
    this.outbox.end();
    this.lost();
  }

  /** The connection is gone, and all streams with it. */
  lost(): void {
    this.isOver = true;
    for (const stream of this.#streams.values()) stream.lost();
  }

  #widenReceiving(bytes: number): void {
    this.#receiveWindow += bytes;
    this.outbox.write(frameHead(4, WINDOW_UPDATE, 0, 0) + uint32(bytes));
  }
}
