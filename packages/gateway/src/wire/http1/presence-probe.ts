import type { Socket } from 'node:net';
import type { ConnectionDeadline } from './connection-deadline.ts';
import { INTERIM_CONTINUE } from './response-text.ts';

/** After the client's FIN during an exchange: when to probe whether anybody is still there. */
const PROBE_AFTER_MS = 250;
const PROBE_AGAIN_MS = 100;
const PROBE_LATER_MS = 10_000;

/**
 * A FIN may be a client that is gone or one that only has no more to say, and nothing on the wire tells them apart
 * until we send something: to a closed socket the answer is a reset. An interim 100 is what every client understands
 * (RFC 9110 §15.2), so a half-closed client is served and a vanished one is noticed without waiting for the reply.
 */
export class PresenceProbe {
  readonly #socket: Socket;
  readonly #deadline: ConnectionDeadline;
  #probes = 0;

  constructor(socket: Socket, deadline: ConnectionDeadline) {
    this.#socket = socket;
    this.#deadline = deadline;
  }

  start(): void {
    this.#deadline.set(PROBE_AFTER_MS, this.#probe);
  }

  /** The reply says it all. */
  stop(): void {
    if (this.#deadline.isFor(this.#probe)) this.#deadline.clear();
  }

  readonly #probe = (): void => {
    this.#socket.write(INTERIM_CONTINUE, 'latin1');
    this.#probes++;
    this.#deadline.set(this.#probes % 2 === 1 ? PROBE_AGAIN_MS : PROBE_LATER_MS, this.#probe);
  };
}
