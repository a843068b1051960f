import type { Socket } from 'node:net';
import {
  FULL,
  KEPT,
  TAKEN,
  type BodyOutlet,
  type BodySink,
  type BodySource,
  type Taken,
} from '../../core/body.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Headers } from '../../core/headers.ts';
import { latin1 } from '../../core/latin1.ts';
import { giveWholeBuffer } from '../read-buffers.ts';
import { BodyReader } from './body-reader.ts';
import { fieldLines } from './write-head.ts';

/** Up to this size a piece is copied into the text that is being put together; above it is written by reference. */
const COPY_BYTES = 2 * 1024;
const FLUSH_TEXT_LENGTH = 16 * 1024;

/** The connection on which a body goes out. */
export interface BodyWriterOwner {
  /** Everything was handed to the socket. */
  bodyWritten(): void;
  /** The source broke off: what was written is incomplete. */
  bodyAborted(error: GatewayError): void;
  /** The other end takes nothing at the moment (true), or again (false). */
  writeStalled(isStalled: boolean): void;
}

/**
 * An outgoing HTTP/1.1 body: the head that goes before it and the bytes, framed and joined to as few writes as possible.
 * The same for requests and responses.
 */
export class BodyWriter implements BodySink, BodyOutlet {
  /** Bytes of the body so far, without framing. */
  bytes = 0;
  /** Whether the socket was given bytes by reference that it could not send at once. */
  hasLent = false;
  readonly #socket: Socket;
  readonly #owner: BodyWriterOwner;
  readonly #isChunked: boolean;
  #source: BodySource | null = null;
  #pending: string;
  #isStalled = false;
  /**
   * What the socket still refers to, to be read into again; null: others may refer to it too. Fresh memory for each read of an
   * upload made the collector take a sixth of the time.
   */
  #lent: Buffer[] | null = null;

  constructor(
    socket: Socket,
    owner: BodyWriterOwner,
    framing: { readonly head: string; readonly chunked: boolean },
  ) {
    this.#socket = socket;
    this.#owner = owner;
    this.#pending = framing.head;
    this.#isChunked = framing.chunked;
  }

  /** Sends everything that `source` gives. */
  start(source: BodySource): void {
    this.#source = source;
    // What comes straight from a connection has nobody between that could have kept it.
    if (source instanceof BodyReader) this.#lent = [];
    source.readTo(this);
    // The head must not wait for a body that takes its time.
    if (this.#source !== null) this.flush();
  }

  write(chunk: Buffer): Taken {
    const { length } = chunk;
    if (length === 0) return TAKEN;
    this.bytes += length;
    if (this.#isChunked) this.#pending += `${length.toString(16)}\r\n`;
    if (length <= COPY_BYTES) {
      this.#pending += latin1(chunk, 0, length);
      if (this.#isChunked) this.#pending += '\r\n';
      if (this.#pending.length >= FLUSH_TEXT_LENGTH) this.flush();
      return this.#socket.writableNeedDrain ? this.#stall() : TAKEN;
    }
    const socket = this.#socket;
    this.#giveBack();
    if (this.#pending === '') {
      socket.write(chunk);
    } else {
      socket.cork();
      socket.write(this.#pending, 'latin1');
      socket.write(chunk);
      socket.uncork();
    }
    this.#pending = this.#isChunked ? '\r\n' : '';
    if (socket.writableLength === 0) return TAKEN;
    this.hasLent = true;
    // The pieces of one read come one after the other.
    if (this.#lent !== null && this.#lent.at(-1)?.buffer !== chunk.buffer) this.#lent.push(chunk);
    return socket.writableNeedDrain ? this.#stall() : KEPT;
  }

  flush(): void {
    if (this.#pending === '') return;
    this.#socket.write(this.#pending, 'latin1');
    this.#pending = '';
  }

  end(trailers: Headers | null): void {
    this.#source = null;
    if (this.#isChunked)
      this.#pending += trailers === null ? '0\r\n\r\n' : `0\r\n${fieldLines(trailers)}\r\n`;
    this.flush();
    if (this.#lent !== null && this.#lent.length > 0) this.#giveBackLater();
    this.#owner.bodyWritten();
  }

  fail(error: GatewayError): void {
    this.#source = null;
    this.#owner.bodyAborted(error);
  }

  /** The socket has room again. */
  drained(): void {
    this.#giveBack();
    if (!this.#isStalled) return;
    this.#isStalled = false;
    this.#owner.writeStalled(false);
    this.#source?.resume();
  }

  /** The connection is gone: nobody will read the source. */
  cancel(): void {
    const source = this.#source;
    this.#source = null;
    source?.cancel();
  }

  /** As soon as nothing waits in the socket, it refers to nothing any more. */
  #giveBack(): void {
    if (this.#lent === null || this.#lent.length === 0 || this.#socket.writableLength > 0) return;
    for (const piece of this.#lent) giveWholeBuffer(piece);
    this.#lent = [];
  }

  #giveBackLater(): void {
    this.#socket.write('', (error) => {
      if (error === null || error === undefined) this.#giveBack();
    });
  }

  #stall(): Taken {
    if (!this.#isStalled) {
      this.#isStalled = true;
      this.#owner.writeStalled(true);
    }
    return FULL;
  }
}
