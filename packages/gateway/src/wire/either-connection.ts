import type { Connection } from './connection.ts';
import type { ConnectionPlan } from './http1/connection-plan.ts';

/** Makes connections of either kind. */
export interface Beginnings {
  /** `preface` is called with the first bytes if they are those of HTTP/2; after that the connection hears nothing more. */
  http1(preface: (bytes: Buffer) => void): Connection;
  http2(): Connection;
}

/**
 * A connection without TLS, on which the client may begin with HTTP/2 if it knows that we speak it (RFC 9113 §3.3). Its first
 * bytes look like a request of another version to the parser of HTTP/1.1, which so costs nothing more than it did.
 */
export class EitherConnection implements Connection {
  #inner: Connection;
  #isDraining = false;

  constructor(beginnings: Beginnings) {
    this.#inner = beginnings.http1((bytes) => {
      this.#inner.closed();
      this.#inner = beginnings.http2();
      this.#inner.received(bytes.length, bytes);
      if (this.#isDraining) this.#inner.drain();
    });
  }

  replan(plan: ConnectionPlan): void {
    this.#inner.replan(plan);
  }

  readBuffer(): Buffer {
    return this.#inner.readBuffer();
  }

  received(count: number, bytes: Buffer): void {
    this.#inner.received(count, bytes);
  }

  inputEnded(): void {
    this.#inner.inputEnded();
  }

  drained(): void {
    this.#inner.drained();
  }

  closed(): void {
    this.#inner.closed();
  }

  drain(): void {
    this.#isDraining = true;
    this.#inner.drain();
  }

  get isIdle(): boolean {
    return this.#inner.isIdle;
  }

  closeIfIdle(): boolean {
    return this.#inner.closeIfIdle();
  }
}
