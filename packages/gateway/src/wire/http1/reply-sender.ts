import type { Socket } from 'node:net';
import type { BodySource } from '../../core/body.ts';
import type { ErrorCode, GatewayError } from '../../core/errors.ts';
import { sentBytes } from '../accept.ts';
import { BodyWriter, type BodyWriterOwner } from './body-writer.ts';
import type { ConnectionDeadline } from './connection-deadline.ts';

/** Who sends a reply with a body that streams. */
export interface ReplySenderOwner {
  /** How long a client may take nothing. */
  readonly patienceMs: number;
  /** The kernel has all of it that nobody else may touch before. */
  replySent(): void;
  /** The head is out: only a broken connection can still tell the client that the body is incomplete. */
  replyBroken(code: ErrorCode): void;
}

/** The body of a reply on its way to the socket, at the pace of the client. */
export class ReplySender implements BodyWriterOwner {
  readonly writer: BodyWriter;
  readonly #socket: Socket;
  readonly #deadline: ConnectionDeadline;
  readonly #owner: ReplySenderOwner;
  #sentBytes = 0;
  #isOver = false;

  constructor(
    socket: Socket,
    { owner, deadline }: { owner: ReplySenderOwner; deadline: ConnectionDeadline },
    framing: { readonly head: string; readonly chunked: boolean },
  ) {
    this.#socket = socket;
    this.#deadline = deadline;
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
    if (isStalled) {
      this.#sentBytes = sentBytes(this.#socket);
      this.#deadline.set(this.#owner.patienceMs, this.#clientTimedOut);
    } else {
      this.#deadline.clear();
    }
  }

  /** What a body consists of may belong to somebody else again when its exchange is over: not before the kernel has it. */
  #awaitFlush(): void {
    this.writeStalled(true);
    this.#socket.write('', (error) => {
      if ((error !== null && error !== undefined) || this.#isOver) return;
      this.writeStalled(false);
      this.#owner.replySent();
    });
  }

  /** A client that reads slowly but steadily is left alone. */
  readonly #clientTimedOut = (): void => {
    const sent = sentBytes(this.#socket);
    if (sent > this.#sentBytes) {
      this.#sentBytes = sent;
      this.#deadline.set(this.#owner.patienceMs, this.#clientTimedOut);
      return;
    }
    this.#owner.replyBroken('CLIENT_CLOSED');
  };
}
