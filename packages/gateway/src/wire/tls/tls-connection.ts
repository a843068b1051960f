import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HandshakeResult } from '../../core/handshake.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import { readFrom } from '../accept.ts';
import type { Connection } from '../connection.ts';
import type { ConnectionPlan } from '../http1/connection-plan.ts';
import { SHARED_READ_BUFFER } from '../read-buffers.ts';
import type { HandshakeListener, TlsTerminator } from './tls-terminator.ts';

/** How long a handshake may take. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** What a connection with TLS needs. */
export interface TlsConnectionPorts {
  readonly terminator: TlsTerminator;
  readonly wheel: TimingWheel;
  readonly log: { error(message: string, details: object): void };
  /** Told once how the handshake ended. */
  ended(result: HandshakeResult): void;
  /** Serves what is inside. */
  serve(socket: TLSSocket, clientCertificate: Uint8Array | null): Connection;
}

/**
 * A connection that begins with a TLS handshake, and goes on as a plain one inside. How large a handshake may be is bounded
 * by OpenSSL, message by message; how long it may take is bounded here, however busily the client sends.
 */
export class TlsConnection implements Connection, HandshakeListener {
  readonly #raw: Socket;
  readonly #ports: TlsConnectionPorts;
  readonly #deadline: Deadline;
  #plan: ConnectionPlan | null = null;
  #inner: Connection | null = null;
  #isOver = false;
  #isDraining = false;

  constructor(raw: Socket, ports: TlsConnectionPorts) {
    this.#raw = raw;
    this.#ports = ports;
    this.#deadline = new Deadline(() => this.failed('timeout'));
    ports.wheel.set(this.#deadline, HANDSHAKE_TIMEOUT_MS);
    ports.terminator.take(raw, this);
  }

  secured(socket: TLSSocket, clientCertificate: Uint8Array | null): void {
    if (this.#isOver) return;
    this.#end(socket.isSessionReused() ? 'resumed' : 'new');
    try {
      this.#inner = this.#ports.serve(socket, clientCertificate);
      if (this.#plan !== null) this.#inner.replan(this.#plan);
      if (this.#isDraining) this.#inner.drain();
      readFrom(socket, this.#inner);
    } catch (error) {
      this.#ports.log.error('a connection failed', { error });
      this.#raw.destroy();
    }
  }

  failed(result: HandshakeResult): void {
    if (this.#isOver) return;
    this.#end(result);
    this.#raw.destroy();
  }

  replan(plan: ConnectionPlan): void {
    this.#plan = plan;
    this.#inner?.replan(plan);
  }

  /** After the handshake began, reads go past this. */
  readBuffer(): Buffer {
    return SHARED_READ_BUFFER;
  }

  /** What came together with the header of a proxy is the beginning of the handshake. */
  received(count: number, bytes: Buffer): void {
    this.#raw.unshift(Buffer.from(bytes.subarray(0, count)));
  }

  inputEnded(): void {
    if (this.#inner === null) this.failed('closed');
  }

  drained(): void {}

  /** What is inside hears of its own end. Why a handshake ended, Node.js tells a moment after this. */
  closed(): void {
    if (!this.#isOver) setImmediate(() => this.failed('closed'));
  }

  drain(): void {
    this.#isDraining = true;
    this.#inner?.drain();
  }

  get isIdle(): boolean {
    return this.#inner?.isIdle ?? true;
  }

  closeIfIdle(): boolean {
    if (this.#inner !== null) return this.#inner.closeIfIdle();
    this.failed('closed');
    return true;
  }

  #end(result: HandshakeResult): void {
    this.#isOver = true;
    this.#ports.wheel.remove(this.#deadline);
    this.#ports.ended(result);
  }
}
