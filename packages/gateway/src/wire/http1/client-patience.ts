import type { Socket } from 'node:net';
import { sentBytes } from '../accept.ts';
import type { ConnectionDeadline } from './connection-deadline.ts';

/** How long a client may take nothing of what waits for it. One that reads slowly but steadily is left alone. */
export class ClientPatience {
  readonly #socket: Socket;
  readonly #deadline: ConnectionDeadline;
  readonly #lost: () => void;
  #patienceMs = 0;
  #sentBytes = 0;

  constructor(socket: Socket, deadline: ConnectionDeadline, lost: () => void) {
    this.#socket = socket;
    this.#deadline = deadline;
    this.#lost = lost;
  }

  /** From now on it has so long for each byte. */
  begin(patienceMs: number): void {
    this.#patienceMs = patienceMs;
    this.#sentBytes = sentBytes(this.#socket);
    this.#deadline.set(patienceMs, this.#look);
  }

  end(): void {
    this.#deadline.clear();
  }

  readonly #look = (): void => {
    if (sentBytes(this.#socket) > this.#sentBytes) this.begin(this.#patienceMs);
    else this.#lost();
  };
}
