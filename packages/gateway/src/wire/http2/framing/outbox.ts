import type { Socket } from 'node:net';
import { latin1 } from '../../../core/latin1.ts';

/** More than that does not wait for the end of the turn. */
const FLUSH_TEXT_LENGTH = 64 * 1024;
/** Up to this size bytes are copied to text, which costs less than a write of their own. */
const COPY_BYTES = 2 * 1024;

/** Those that have something to write, on all connections of the thread. */
let waiting: Outbox[] = [];

function flushAll(): void {
  const those = waiting;
  waiting = [];
  for (const outbox of those) outbox.flush();
}

/**
 * What goes out on a connection. Frames of one turn of the event loop are one write, whichever streams they are of: a system
 * call, and with TLS a record, cost more than a frame. Small ones are text of one character a byte, which is cheap to join.
 */
export class Outbox {
  readonly #socket: Socket;
  #text = '';
  #isWaiting = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The client does not read: nothing but the most necessary should be added. */
  get isFull(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Bytes that have not left. */
  get unsentBytes(): number {
    return this.#text.length + this.#socket.writableLength;
  }

  write(text: string): void {
    this.#text += text;
    if (this.#text.length > FLUSH_TEXT_LENGTH) this.flush();
    else this.#soon();
  }

  /** A frame whose payload is kept until it is written. */
  writeBytes(head: string, payload: Buffer): void {
    if (payload.length <= COPY_BYTES) {
      this.write(head + latin1(payload, 0, payload.length));
      return;
    }
    this.#socket.cork();
    this.#text += head;
    this.flush();
    this.#socket.write(payload);
    this.#socket.uncork();
  }

  flush(): void {
    this.#isWaiting = false;
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    if (!this.#socket.writableEnded && !this.#socket.destroyed) this.#socket.write(text, 'latin1');
  }

  /** Nothing follows. */
  end(): void {
    this.flush();
    this.#socket.end();
  }

  #soon(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    if (waiting.push(this) === 1) setImmediate(flushAll);
  }
}
