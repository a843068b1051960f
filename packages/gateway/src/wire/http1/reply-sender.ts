import type { Socket } from 'node:net';
import type { BodySource } from '../../core/body.ts';
import type { ErrorCode, GatewayError } from '../../core/errors.ts';
import { BodyWriter, type BodyWriterOwner } from './body-writer.ts';

/** Who sends a reply with a body that streams. */
export interface ReplySenderOwner {
  /** The client takes nothing at the moment (true), or again (false). */
  replyStalled(isStalled: boolean): void;
  /** The kernel has all of it that nobody else may touch before. */
  replySent(): void;
  /** The head is out: only a broken connection can still tell the client that the body is incomplete. */
  replyBroken(code: ErrorCode): void;
}

/** The body of a reply on its way to the socket, at the pace of the client. */
export class ReplySender implements BodyWriterOwner {
  readonly writer: BodyWriter;
  readonly #socket: Socket;
  readonly #owner: ReplySenderOwner;
  #isOver = false;

  constructor(
    socket: Socket,
    owner: ReplySenderOwner,
    framing: { readonly head: string; readonly chunked: boolean },
  ) {
    this.#socket = socket;
    this.#owner = owner;
    this.writer = new BodyWriter(socket, this, framing);
  }

  start(body: BodySource): void {
    this.writer.start(body);
  }

  /** The exchange is over, however it ended. */
  end(): void {
    this.#isOver = true;
  }

  bodyWritten(): void {
    if (this.writer.hasLent && this.#socket.writableLength > 0) this.#awaitFlush();
    else this.#owner.replySent();
  }

  bodyAborted(error: GatewayError): void {
    this.#owner.replyBroken(error.code);
  }

  writeStalled(isStalled: boolean): void {
    this.#owner.replyStalled(isStalled);
  }

  /** What a body consists of may belong to somebody else again when its exchange is over: not before the kernel has it. */
  #awaitFlush(): void {
    this.#owner.replyStalled(true);
    this.#socket.write('', (error) => {
      if ((error !== null && error !== undefined) || this.#isOver) return;
      this.#owner.replyStalled(false);
      this.#owner.replySent();
    });
  }
}
