import type { Socket } from 'node:net';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { resetSocket } from '../accept.ts';
import type { ConnectionDeadline } from './connection-deadline.ts';

/** After our last byte, how long and how much we listen, so that no reset overtakes the answer (RFC 9112 §9.6). */
const LINGER_MS = 2000;
const MAX_LINGER_BYTES = 32 * 1024 * 1024;
/** Who has ended a tunnel gets no more than that. */
export const TUNNEL_PATIENCE_MS = 0;

/** The end of a connection that has nothing more to say: its FIN, and a while of listening to nobody in particular. */
export class Farewell {
  readonly #socket: Socket;
  readonly #wheel: TimingWheel;
  readonly #deadline: ConnectionDeadline;
  readonly #untilMs: number;
  #bytes = 0;

  /** Says goodbye. A slow client gets as long for the last bytes of a reply as for any others, which is `patienceMs`. */
  constructor(socket: Socket, deadline: ConnectionDeadline, times: FarewellTimes) {
    this.#socket = socket;
    this.#wheel = times.wheel;
    this.#deadline = deadline;
    this.#untilMs = times.wheel.nowMs + times.patienceMs;
    socket.end();
    deadline.set(LINGER_MS, this.#lingerOver);
  }

  /** What comes now is for nobody. */
  heard(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_LINGER_BYTES) this.#socket.destroy();
  }

  readonly #lingerOver = (): void => {
    if (this.#socket.writableFinished) this.#socket.destroy();
    else if (this.#wheel.nowMs > this.#untilMs) resetSocket(this.#socket);
    else this.#deadline.set(LINGER_MS, this.#lingerOver);
  };
}

/** How long the farewell may take. */
export interface FarewellTimes {
  readonly wheel: TimingWheel;
  readonly patienceMs: number;
}
