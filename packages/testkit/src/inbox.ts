import type { Socket } from 'node:net';
import { within } from './within.ts';

/** How the other end finished: politely, or not. */
export type Ending = 'fin' | 'reset';

/** What came in on a socket, and who waits for more of it. */
export class Inbox {
  /** All bytes that came. */
  bytesReceived = 0;
  ending: Ending | null = null;
  readonly #closed = Promise.withResolvers<Ending>();
  #pieces: Buffer[] = [];
  #waiting: (() => void) | null = null;

  constructor(socket: Socket) {
    socket.on('data', (bytes: Buffer) => {
      this.bytesReceived += bytes.length;
      this.#pieces.push(bytes);
      this.#wake();
    });
    socket.on('end', () => this.#end('fin'));
    socket.on('error', () => this.#end('reset'));
    socket.on('close', () => this.#end('fin'));
  }

  /** Everything that came and was not taken. */
  get bytes(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] ?? Buffer.alloc(0);
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    this.#pieces = [this.bytes.subarray(count)];
  }

  /** Tries `read` now and after everything that comes, until it gives something. */
  async until<T>(what: string, read: () => T | null, ms?: number): Promise<T> {
    for (;;) {
      const result = read();
      if (result !== null) return result;
      await within(new Promise<void>((resolve) => (this.#waiting = resolve)), what, ms);
    }
  }

  /** How the other end finished, when it has. */
  closed(what: string, ms?: number): Promise<Ending> {
    return within(this.#closed.promise, what, ms);
  }

  #end(ending: Ending): void {
    this.ending ??= ending;
    this.#closed.resolve(ending);
    this.#wake();
  }

  #wake(): void {
    const wake = this.#waiting;
    this.#waiting = null;
    wake?.();
  }
}
